"""A pytest plugin that measures the coverage in each process of a run, and fails the run below a minimum.

Loaded with `-p tests.covered` before anything imports the program, whose modules are instrumented at import. The
instrumentation of an executed line is removed, so that all tests can be measured with little overhead.
"""

import io
import json
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import slipcover

_SOURCE = Path(__file__).parent.parent / "src" / "luxewin"
_EXCLUDED = [
    r"class .*\bProtocol\b.*:",  # only implementations are measured
    r"assert_never\(",  # unreachable, as the type checker verifies
    r"@(typing\.)?overload",  # a signature without code
]
_WIDTH = 60

_measured = slipcover.Slipcover(branch=True, immediate=True, exclude_also=_EXCLUDED)
slipcover.ImportManager(_measured, slipcover.FileMatcher(sources=[_SOURCE])).__enter__()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the minimum."""
    help_text = "fail if the coverage of lines and branches is lower"
    parser.addoption("--covered-percent", type=float, default=0.0, help=help_text)


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin of a worker process, or of the process that reports."""
    config.pluginmanager.register(_Worker() if hasattr(config, "workerinput") else _Reporter(), "covered")


def _with_unimported_modules(measured: dict[str, Any]) -> dict[str, Any]:
    """Return the measured coverage, with all lines of modules that were not imported as missed."""
    complete = slipcover.Slipcover(branch=True, source=[str(_SOURCE)], exclude_also=_EXCLUDED).get_coverage()
    measured_files = {Path(name).resolve() for name in measured["files"]}
    others = {name: file for name, file in complete["files"].items() if Path(name).resolve() not in measured_files}
    return slipcover.merge_coverage(measured, {**complete, "files": others})


class _Worker:
    """A worker process, which runs tests and measures."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the measured coverage to the reporting process."""
        session.config.workeroutput["covered"] = json.dumps(_measured.get_coverage())  # type: ignore[attr-defined]  # of xdist


class _Reporter:
    """The process that reports the merged coverage of all workers."""

    def __init__(self) -> None:
        self._measured: list[dict[str, Any]] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add the coverage of a worker; a killed worker has none."""
        if (measured := getattr(node, "workeroutput", {}).get("covered")) is not None:
            self._measured.append(json.loads(measured))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Merge the coverage; fail a successful run if it is below the minimum."""
        measured = reduce(slipcover.merge_coverage, self._measured or [_measured.get_coverage()])
        self._merged = _with_unimported_modules(measured)
        self._percent = float(self._merged["summary"]["percent_covered"])
        if self._percent < session.config.getoption("--covered-percent") and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Print the missed lines and the coverage."""
        table = io.StringIO()
        slipcover.print_coverage(self._merged, outfile=table, missing_width=_WIDTH, skip_covered=True)
        floor = config.getoption("--covered-percent")
        terminalreporter.section("coverage")
        terminalreporter.write(table.getvalue())
        terminalreporter.write_line(
            f"{self._percent:.2f} % of lines and branches are covered; at least {floor:g} % are required",
            **{"green" if self._percent >= floor else "red": True},
        )
