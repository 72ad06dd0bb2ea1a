"""The program as a user starts it, in its own folder and on its own port."""

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

from tests.prepared import fill_data_folder
from tests.servers import new_folder

ADMIN_EMAIL = "owner@example.com"
ADMIN_PASSWORD = "correct horse battery staple"
_LONGEST_START_SECONDS = 90
_CERTIFICATES = ssl.create_default_context()
"""Shared, because each client would load them again; they are not used for plain HTTP."""


class Program:
    """`luxewin start` with all its processes.

    By default its new folder already contains the data of a first start; see `with_empty_folder`.
    """

    def __init__(self, *, processes: int = 2, folder: Path | None = None, **environment: str) -> None:
        self._owns_folder = folder is None
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
                fill_data_folder(self.folder, self.environment)
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._owns_folder:
            subprocess.run(["rm", "-rf", str(self.folder)], check=True)

    def with_empty_folder(self) -> Self:
        """Start with an empty data folder, as at the first start."""
        self._is_filled = True
        return self

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        assert self._process is not None, "the program was not started"
        return self._process.pid

    def processes(self, role: str) -> list[psutil.Process]:
        """Return the running processes of a role (api, worker or relay), oldest first."""
        found = []
        for process in psutil.Process(self.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if process.name().startswith(f"luxewin-{role}") and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return sorted(found, key=lambda process: process.create_time())

    def start(self) -> None:
        """Start the program and wait until it reports that it is ready."""
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
        deadline = time.monotonic() + _LONGEST_START_SECONDS
        os.set_blocking(self._process.stdout.fileno(), True)
        for line in self._process.stdout:
            self.output += line
            if match := re.search(r"Start page\s+(https?://\S+?)/\s", line):
                self.url = match[1]
            if "Ctrl-C" in line:
                break
            assert time.monotonic() < deadline, f"not ready in time:\n{self.output}"
        assert self.url, f"the program did not start:\n{self.output}"
        self._drain()

    def stop(self) -> int:
        """Stop the program as Ctrl-C does; return the exit status."""
        if self._process is None or self._process.poll() is not None:
            return 0
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(timeout=60)

    def kill(self) -> None:
        """Kill the supervisor with SIGKILL; its children end with it."""
        assert self._process is not None, "the program was not started"
        self._process.kill()
        self._process.wait(timeout=10)

    def command(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run another command on the same data, with a timeout in seconds."""
        return subprocess.run(
            [sys.executable, "-m", "luxewin.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    @contextmanager
    def running_command(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Start another command on the same data, and wait for its end when the block ends."""
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
        """Return a client signed in as the super admin."""
        client = self.client(**headers)
        answer = await client.post("/auth/login", json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    def _drain(self) -> None:
        """Read the output in a thread, so that the program never blocks on a full pipe."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        output = process.stdout

        def read() -> None:
            for line in output:
                self.output += line
            output.close()

        Thread(target=read, daemon=True).start()
