import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from luxewin.kit.startup import StartupError
from luxewin.runtime.supervision import Child, ForkServer, StopRequest, listen, supervise, watch_parent

STEADY = "link.report_ready(); signal.pause()"
BRIEF = "link.report_ready(); time.sleep(1.2)  # longer than a child must have worked"
POLITE = """
def bow(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough, as in every process of the program
    print("leaving", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, bow)
print(f"at work as {os.getpid()}", flush=True)
link.report_ready()
signal.pause()
"""
GATED = """
print("waiting", flush=True)
with open(arguments[0]):
    link.report_ready()
    signal.pause()
"""
STUBBORN = """
signal.signal(signal.SIGTERM, lambda *_: print("not yet", flush=True))
link.report_ready()
while True:
    signal.pause()
"""
SERVING = """
(listener,) = arguments
link.report_ready()
while True:
    caller, _ = listener.accept()
    caller.sendall(str(os.getpid()).encode())
    caller.close()
"""

SUPERVISOR = """
import asyncio, signal, sys, uvloop
from luxewin.runtime.supervision import Child, ForkServer, stop_on_signals, supervise

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # also where the tests run under nohup

async def main():
    children = [Child(name=name, module="tests.kit.program_text", arguments=sys.argv[1:]) for name in ("worker", "api")]
    with stop_on_signals() as stop, ForkServer() as fork_server:
        await supervise(children, fork_server=fork_server, stop=stop, when_ready=lambda: print("ready", flush=True))
    print("all ended", flush=True)

asyncio.Runner(loop_factory=uvloop.new_event_loop).run(main())
"""


def child(name: str, program: str, *arguments: object, **more: object) -> Child:
    given = (textwrap.dedent(program), *arguments)
    return Child(name=name, module="tests.kit.program_text", arguments=given, **more)  # type: ignore[arg-type]  # the fields of Child, each checked there


COLLECTS = """
    import gc
    print(f"frozen: {gc.get_freeze_count() > 0}, collects: {gc.isenabled()}", flush=True)
    link.report_ready()
    signal.pause()
"""


class Group:
    """A supervised group, and the lines that its children have printed."""

    def __init__(self, *children: Child, grace_seconds: float = 30) -> None:
        self.stop = StopRequest()
        self.ready = asyncio.Event()
        self.lines: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.all_lines: list[tuple[str, str]] = []
        self.work = asyncio.create_task(self._supervised(children, grace_seconds))

    async def _supervised(self, children: tuple[Child, ...], grace_seconds: float) -> None:
        with ForkServer() as fork_server:
            await supervise(
                children,
                fork_server=fork_server,
                stop=self.stop,
                when_ready=self.ready.set,
                on_line=self._append,
                grace_seconds=grace_seconds,
            )

    def _append(self, name: str, line: str) -> None:
        self.lines.put_nowait((name, line))
        self.all_lines.append((name, line))

    async def wait_for_line(self, text: str) -> str:
        while text not in (line := (await self.lines.get())[1]):
            pass
        return line

    async def ended(self) -> list[tuple[str, str]]:
        self.stop.ask()
        await self.work
        return self.all_lines


@asynccontextmanager
async def running(*children: Child, grace_seconds: float = 30) -> AsyncIterator[Group]:
    group = Group(*children, grace_seconds=grace_seconds)
    readiness = asyncio.create_task(group.ready.wait())
    await asyncio.wait({readiness, group.work}, return_when=asyncio.FIRST_COMPLETED)
    if group.work.done():
        readiness.cancel()
        await group.work
    yield group
    group.stop.ask()
    await group.work


def survivors(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=30)[1]


@pytest.fixture
def bystanders() -> list[psutil.Process]:
    """Child processes of other tests in this process, such as a server."""
    return psutil.Process().children()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with listen("127.0.0.1", 0) as bound:
        yield bound


async def answer_from(listener: socket.socket) -> int:
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    try:
        return int(await reader.read())
    finally:
        writer.close()
        await writer.wait_closed()


def test_a_port_in_use_is_refused_in_one_line_that_names_it(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with pytest.raises(StartupError, match=rf"^Port {port} of 127\.0\.0\.1 is in use: .*LUXEWIN_PORT[^\n]*$"):
        listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused_in_one_line() -> None:
    with pytest.raises(StartupError, match=r"^Cannot listen on 192\.0\.2\.1 .*LUXEWIN_HOST[^\n]*$"):
        listen("192.0.2.1", 0)


def test_a_port_is_free_again_as_soon_as_its_listener_is_gone() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as caller, first.accept()[0]:
            first.close()
            with listen("127.0.0.1", port) as second:
                assert second.getsockname() == ("127.0.0.1", port)
            assert caller.getpeername() == ("127.0.0.1", port)


async def test_the_group_is_ready_when_each_child_is_ready(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    group = Group(child("quick", STEADY), child("slow", GATED, str(gate)))
    await group.wait_for_line("waiting")
    assert not group.ready.is_set()
    gate.write_text("open", encoding="ascii")
    await group.ready.wait()
    await group.ended()


async def test_a_stop_during_the_start_ends_what_has_started(tmp_path: Path, bystanders: list[psutil.Process]) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    group = Group(child("polite", POLITE), child("slow", GATED, str(gate)))
    await group.wait_for_line("at work")
    assert ("polite", "leaving") in await group.ended()
    assert not group.ready.is_set()
    assert psutil.Process().children() == bystanders


async def test_a_stop_before_the_start_starts_nothing() -> None:
    group = Group(child("polite", POLITE))
    assert await group.ended() == []
    assert not group.ready.is_set()


async def test_processes_share_one_socket_and_a_connection_outlives_the_one_that_died(listener: socket.socket) -> None:
    async with running(child("api", SERVING, listener)) as group:
        first = await answer_from(listener)
        os.kill(first, signal.SIGKILL)
        assert await group.wait_for_line("ended with status -9") == "ended with status -9; restarting in 0.2 s"
        assert await answer_from(listener) != first


async def test_a_child_that_ends_before_it_is_ready_stops_the_start_and_the_others(
    bystanders: list[psutil.Process],
) -> None:
    failing = "print('no such table', flush=True); sys.exit(3)"
    group = Group(child("steady", POLITE), child("failing", failing))
    with pytest.raises(StartupError, match=r"^failing did not become ready and ended with status 3: [^\n]*$"):
        await group.work
    assert ("failing", "no such table") in group.all_lines
    assert not group.ready.is_set()
    assert psutil.Process().children() == bystanders


async def test_a_child_that_is_not_ready_in_time_stops_the_start(bystanders: list[psutil.Process]) -> None:
    group = Group(child("dreaming", "signal.pause()", ready_seconds=0.1))
    with pytest.raises(StartupError, match="dreaming did not become ready"):
        await group.work
    assert psutil.Process().children() == bystanders


async def test_a_program_that_does_not_exist_is_refused_in_one_line() -> None:
    group = Group(Child(name="absent", module="nowhere.at.all"))
    with pytest.raises(StartupError, match=r"^absent did not become ready and ended with status 1: [^\n]*$"):
        await group.work
    assert ("absent", "ModuleNotFoundError: No module named 'nowhere'") in group.all_lines


async def test_a_child_that_keeps_ending_gets_longer_pauses() -> None:
    async with running(child("brief", "link.report_ready()")) as group:
        lines = [await group.wait_for_line("restarting") for _ in range(3)]
    assert [line.rpartition(" in ")[2] for line in lines] == ["0.2 s", "0.4 s", "0.8 s"]


async def test_a_child_that_was_stable_is_restarted_after_the_first_pause() -> None:
    async with running(child("short", BRIEF)) as group:
        lines = [await group.wait_for_line("restarting") for _ in range(3)]
    assert [line.rpartition(" in ")[2] for line in lines] == ["0.2 s"] * 3


async def test_each_process_that_ends_is_reported_by_its_id() -> None:
    stop, gone = StopRequest(), asyncio.Queue[int]()
    children = [child("brief", "link.report_ready()"), child("lasting", STEADY)]
    with ForkServer() as fork_server:
        work = asyncio.create_task(
            supervise(
                children,
                fork_server=fork_server,
                stop=stop,
                on_line=lambda *_: None,
                when_ended=gone.put_nowait,
                grace_seconds=0,
            )
        )
        pids = [await gone.get() for _ in range(3)]
        assert len(set(pids)) == 3
        assert not any(psutil.pid_exists(pid) for pid in pids)
        stop.ask()
        await work


async def test_children_are_stopped_one_after_another_in_reverse_order() -> None:
    async with running(child("relay", POLITE), child("worker", POLITE), child("api", POLITE)) as group:
        pass
    assert [name for name, line in group.all_lines if line == "leaving"] == ["api", "worker", "relay"]


async def test_a_child_that_ignores_sigterm_is_killed(bystanders: list[psutil.Process]) -> None:
    async with running(child("stubborn", STUBBORN), grace_seconds=0.2) as group:
        pass
    assert group.all_lines == [("stubborn", "not yet")]
    assert psutil.Process().children() == bystanders


async def test_a_second_stop_request_kills_at_once(bystanders: list[psutil.Process]) -> None:
    async with running(child("stubborn", STUBBORN), grace_seconds=3600) as group:
        group.stop.ask()
        await group.wait_for_line("not yet")
    assert psutil.Process().children() == bystanders


async def test_a_group_ends_although_the_fork_server_is_stopped(bystanders: list[psutil.Process]) -> None:
    async with running(child("polite", POLITE), grace_seconds=0.2):
        (fork_server,) = (one for one in psutil.Process().children() if one.name() == "luxewin-forker")
        children = fork_server.children()
        fork_server.suspend()
    assert survivors(children) == []
    assert psutil.Process().children() == bystanders


async def test_processes_that_a_child_started_end_with_it() -> None:
    parent = """
        import subprocess
        print(subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE).pid, flush=True)
        link.report_ready()
        signal.pause()
    """
    async with running(child("parent", parent)) as group:
        grandchild = psutil.Process(int((await group.lines.get())[1]))
        assert grandchild.status() != psutil.STATUS_ZOMBIE
    assert survivors([grandchild]) == []


async def test_every_line_of_a_child_is_forwarded_even_endless_and_invalid_ones() -> None:
    loud = """
        sys.stdout.write("first\\n\\nx" + "y" * 200_000 + "\\n")
        sys.stdout.buffer.write(b"\\xff\\n")
        sys.stderr.write("last words")
        sys.exit(1)
    """
    group = Group(child("loud", loud))
    with pytest.raises(StartupError):
        await group.work
    lines = [line for _, line in group.all_lines]
    assert sorted((lines[0], lines[1])) == ["", "first"]
    assert "x" + "y" * 200_000 in "".join(lines)
    assert "\N{REPLACEMENT CHARACTER}" in lines
    assert any("last words" in line for line in lines)


async def test_a_child_gets_the_environment_of_the_supervisor_and_its_own() -> None:
    telling = """
        print(os.environ["HOME_TOWN"], "PATH" in os.environ, "SUPERVISOR_FD" in os.environ, flush=True)
        link.report_ready()
        signal.pause()
    """
    async with running(child("telling", telling, environment={"HOME_TOWN": "Rome"})) as group:
        assert (await group.lines.get())[1] == "Rome True False"


def test_a_program_started_by_hand_has_no_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPERVISOR_FD", raising=False)
    link = watch_parent()
    link.report_ready()
    assert not link.is_supervised


@pytest.fixture
def supervisor() -> Iterator[subprocess.Popen[str]]:
    """A supervisor in a process group of its own, as in a terminal, with two ready children that stop on SIGTERM."""
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, POLITE], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as program:
        assert program.stdout is not None
        while program.stdout.readline() != "ready\n":
            pass
        yield program
        program.kill()


def test_children_end_when_their_supervisor_is_killed(supervisor: subprocess.Popen[str]) -> None:
    children = psutil.Process(supervisor.pid).children()
    assert len(children) == 2
    supervisor.kill()
    assert survivors(children) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_whole_foreground_group_ends_the_children_in_order(
    supervisor: subprocess.Popen[str], how: signal.Signals
) -> None:
    os.killpg(supervisor.pid, how)
    lines, _ = supervisor.communicate()
    last_words = [line for line in lines.splitlines() if "at work" not in line]
    assert last_words == ["api     │ leaving", "worker  │ leaving", "all ended"]
    assert supervisor.returncode == 0


def test_a_signal_to_every_process_lets_each_end_in_order(supervisor: subprocess.Popen[str]) -> None:
    everybody = [psutil.Process(supervisor.pid), *psutil.Process(supervisor.pid).children(recursive=True)]
    assert [process.name() for process in everybody].count("luxewin-forker") == 1
    for process in everybody:
        with suppress(psutil.NoSuchProcess):  # the supervisor received the signal first, and passes it on quickly
            process.terminate()
    lines, _ = supervisor.communicate()
    last_words = [line for line in lines.splitlines() if "at work" not in line]
    assert sorted(last_words) == ["all ended", "api     │ leaving", "worker  │ leaving"]
    assert supervisor.returncode == 0


async def test_no_child_collects_imported_objects() -> None:
    async with running(child("api", COLLECTS)) as group:
        assert await group.wait_for_line("frozen") == "frozen: True, collects: True"
