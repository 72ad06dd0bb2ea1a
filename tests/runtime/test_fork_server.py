"""Modules that are imported before the fork must not break in forked processes."""

import subprocess
import sys

from luxewin.cli.starting import API, RELAY, WORKER

IMPORTED = f"""
import os, threading
import {API}, {WORKER}, {RELAY}
assert threading.enumerate() == [threading.main_thread()], threading.enumerate()
sockets = [target for name in os.listdir("/proc/self/fd") if (target := _target(name)).startswith("socket:")]
assert not sockets, sockets
"""
TARGET = """
def _target(name):
    try:
        return os.readlink(f"/proc/self/fd/{name}")
    except FileNotFoundError:
        return ""
"""
FORKED = """
import os
from luxewin.kit.ids import new_id
new_id()
reading, writing = os.pipe()
for _ in range(2):
    if os.fork() == 0:
        os.write(writing, b"".join(new_id().bytes for _ in range(100)))
        os._exit(0)
    os.wait()
ids = os.read(reading, 3200)
chosen = [ids[place + 8 : place + 16] for place in range(0, 3200, 16)]  # the part that tells no time
assert len(set(chosen)) == 200
"""


def test_importing_starts_no_thread_and_opens_no_socket() -> None:
    subprocess.run([sys.executable, "-c", TARGET + IMPORTED], check=True)


def test_forked_processes_make_different_ids() -> None:
    subprocess.run([sys.executable, "-c", FORKED], check=True)
