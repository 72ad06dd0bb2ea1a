"""The program as a person starts it, in a folder and on a port of its own."""

import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Self

import httpx2
import psutil

from tests.prepared import lay_out
from tests.servers import new_folder

ADMIN_EMAIL = "owner@example.com"
ADMIN_PASSWORD = "correct horse battery staple"
_LONGEST_START_SECONDS = 90
_CERTIFICATES = ssl.create_default_context()
"""Of no use here, where all is plain HTTP; but each client would read them anew."""


class Program:
    """`luxewin start` with everything that belongs to it.

    In a folder of its own it begins with what a first start fills in, unless that is to be seen: `unfilled`.
    """

    def __init__(self, *, processes: int = 2, folder: Path | None = None, **environment: str) -> None:
        self._made = folder is None
        self._is_filled = folder is not None or "LUXEWIN_DATABASE_URL" in environment
        self.folder = folder or new_folder()
        self.environment: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LUXEWIN_")},
            "LUXEWIN_DATA_DIR": str(self.folder),
            "LUXEWIN_PORT": "0",
            "LUXEWIN_PROCESSES": str(processes),
            "LUXEWIN_ADMIN_EMAIL": ADMIN_EMAIL,
            "LUXEWIN_ADMIN_PASSWORD": ADMIN_PASSWORD,
            **environment,
        }
        self.output = ""
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        try:
            if not self._is_filled:
                lay_out(self.folder, self.environment)
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._made:
            subprocess.run(["rm", "-rf", str(self.folder)], check=True)

    def unfilled(self) -> Self:
        """Let its first start be the very first."""
        self._is_filled = True
        return self

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process is not None, "the program was not started"
        return self._process.pid

    def processes(self, role: str) -> list[psutil.Process]:
        """Return the living processes of a role, the oldest first: api, worker or relay."""
        found = []
        for process in psutil.Process(self.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if process.name().startswith(f"luxewin-{role}") and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return sorted(found, key=lambda process: process.create_time())

    def start(self) -> None:
        """Start everything and wait until it says that it is ready."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "luxewin.cli", "start"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        self.output = ""
        assert self._process.stdout is not None
        give_up_at = time.monotonic() + _LONGEST_START_SECONDS
        os.set_blocking(self._process.stdout.fileno(), True)
        for line in self._process.stdout:
            self.output += line
            if match := re.search(r"Start page\s+(http://\S+?)/\s", line):
                self.url = match[1]
            if "Ctrl-C" in line:
                break
            assert time.monotonic() < give_up_at, f"not ready in time:\n{self.output}"
        assert self.url, f"the program did not start:\n{self.output}"
        self._drain()

    def stop(self) -> int:
        """Stop everything as Ctrl-C does; return the exit status."""
        if self._process is None or self._process.poll() is not None:
            return 0
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(timeout=60)

    def kill(self) -> None:
        """Kill the supervisor as no program can prevent; its children end with it."""
        assert self._process is not None, "the program was not started"
        self._process.kill()
        self._process.wait(timeout=10)

    def command(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run another command of the program on the same data, for so long at most."""
        return subprocess.run(
            [sys.executable, "-m", "luxewin.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    @contextmanager
    def begun(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Begin another command of the program on the same data, and wait for its end when the block has ended."""
        command = subprocess.Popen(
            [sys.executable, "-m", "luxewin.cli", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield command
        finally:
            command.communicate(timeout=120)

    def client(self, **headers: str) -> httpx2.AsyncClient:
        """Return a client of the API."""
        return httpx2.AsyncClient(
            base_url=f"{self.url}/api/v1",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            timeout=30,
            limits=httpx2.Limits(max_connections=100),
            verify=_CERTIFICATES,
        )

    async def admin(self, **headers: str) -> httpx2.AsyncClient:
        """Return a client that is signed in as the super admin."""
        client = self.client(**headers)
        answer = await client.post("/auth/login", json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    def _drain(self) -> None:
        """Keep reading what the program says, so that it is never held up by a full pipe."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        output = process.stdout

        def read() -> None:
            for line in output:
                self.output += line
            output.close()

        Thread(target=read, daemon=True).start()
