"""To be imported by the process that forks the others, and by nobody else: it leaves the supervisor's session.

What a terminal sends to the whole group then reaches the supervisor alone, which ends its children in order. A service
manager may ask every process to end: this one does not heed it, for with it the system would count all its children as
ended. It ends when the supervisor has ended.
"""

import os
import signal

from luxewin.kit.supervision.link import call_oneself

os.setsid()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
call_oneself("nursery")
