"""To be imported by the process that forks the others, and by nobody else: it leaves the supervisor's session.

What a terminal or a service manager sends to the whole group then reaches the supervisor alone, which ends its children
in order. This process ends when the supervisor has ended.
"""

import os

from luxewin.kit.supervision.link import call_oneself

os.setsid()
call_oneself("nursery")
