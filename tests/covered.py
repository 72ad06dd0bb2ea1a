"""How much of the program the tests go through: measured in each process of a run, held to a floor at its end.

Loaded with `-p tests.covered`, before anything imports the program: its modules are instrumented as they are imported.
A line that was seen is not looked at again, so that all tests are measured and take hardly longer.
"""

import io
import json
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import slipcover

_SOURCE = Path(__file__).parent.parent / "src" / "luxewin"
_NEVER_GONE_THROUGH = [
    r"class .*\bProtocol\b.*:",  # a protocol promises; its implementations are measured
    r"assert_never\(",  # the type checker proves that it is never reached
    r"@(typing\.)?overload",  # a signature, no code
]
_WIDTH = 60

_measured = slipcover.Slipcover(branch=True, immediate=True, exclude_also=_NEVER_GONE_THROUGH)
slipcover.ImportManager(_measured, slipcover.FileMatcher(sources=[_SOURCE])).__enter__()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the floor."""
    told = "fail where less of the program's lines and branches was gone through"
    parser.addoption("--covered-percent", type=float, default=0.0, help=told)


def pytest_configure(config: pytest.Config) -> None:
    """Measure, or gather what others measure."""
    config.pluginmanager.register(_Worker() if hasattr(config, "workerinput") else _Reporter(), "covered")


def _with_what_nobody_imported(measured: dict[str, Any]) -> dict[str, Any]:
    """Return what was measured, with all lines of all other modules as missed."""
    whole = slipcover.Slipcover(branch=True, source=[str(_SOURCE)], exclude_also=_NEVER_GONE_THROUGH).get_coverage()
    known = {Path(name).resolve() for name in measured["files"]}
    others = {name: told for name, told in whole["files"].items() if Path(name).resolve() not in known}
    return slipcover.merge_coverage(measured, {**whole, "files": others})


class _Worker:
    """A process that tests and measures."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what was measured."""
        session.config.workeroutput["covered"] = json.dumps(_measured.get_coverage())  # type: ignore[attr-defined]  # of xdist


class _Reporter:
    """The process that a person has started: it tells what all have measured together."""

    def __init__(self) -> None:
        self._measured: list[dict[str, Any]] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add what a worker has measured; one that was killed has nothing to tell."""
        if (told := getattr(node, "workeroutput", {}).get("covered")) is not None:
            self._measured.append(json.loads(told))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run that would pass, where too little was gone through."""
        measured = reduce(slipcover.merge_coverage, self._measured or [_measured.get_coverage()])
        self._together = _with_what_nobody_imported(measured)
        self._percent = float(self._together["summary"]["percent_covered"])
        if self._percent < session.config.getoption("--covered-percent") and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Show what was missed, and how much was gone through."""
        table = io.StringIO()
        slipcover.print_coverage(self._together, outfile=table, missing_width=_WIDTH, skip_covered=True)
        floor = config.getoption("--covered-percent")
        terminalreporter.section("covered")
        terminalreporter.write(table.getvalue())
        terminalreporter.write_line(
            f"{self._percent:.2f} % of lines and branches, and {floor:g} % are demanded",
            **{"green" if self._percent >= floor else "red": True},
        )
