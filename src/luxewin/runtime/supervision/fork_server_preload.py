"""To be imported by the process that forks the others, and by nobody else: it leaves the supervisor's session.

What a terminal sends to the whole group then reaches the supervisor alone, which ends its children in order. A service
manager may ask every process to end: this one does not heed it, for with it the system would count all its children as
ended. It ends when the supervisor has ended. A newborn that is asked to end before it can do so is not to miss it:
hence the signal is held back, not ignored.
"""

import gc
import os
import signal

from luxewin.runtime.supervision.supervisor_link import set_process_name

gc.disable()  # nothing that is imported is garbage
os.setsid()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
set_process_name("nursery")
