"""Imported by the fork server only, before everything else: leaves the session of the supervisor.

Signals of the terminal then reach the supervisor only, which stops its children in order. A service manager may signal
every process: the fork server must survive that until the supervisor has ended, because all its children count as ended
with it. A new child must not lose a SIGTERM that it receives before it can handle it, so the signal is blocked here and
not ignored.
"""

import gc
import os
import signal

from luxewin.runtime.supervision.supervisor_link import set_process_name

gc.disable()  # imported modules are never garbage
os.setsid()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
set_process_name("forker")
