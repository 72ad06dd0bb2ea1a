"""A program that tells a collector of its traces and a tracker of its failures, and proves its laws all the time."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.observability.receivers import Receiver
from tests.program import Program


@dataclass(frozen=True, slots=True)
class Watched:
    """The program, and who watches it."""

    program: Program
    collector: Receiver
    tracker: Receiver


@pytest.fixture(scope="package")
def watched() -> Iterator[Watched]:
    with (
        Receiver() as collector,
        Receiver() as tracker,
        Program(
            processes=2,
            LUXEWIN_OTLP_ENDPOINT=f"http://{collector.address}",
            LUXEWIN_SENTRY_DSN=f"http://public@{tracker.address}/1",
            LUXEWIN_PROVE_EVERY_SECONDS="1",
        ) as program,
    ):
        yield Watched(program, collector, tracker)
        proof = program.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr
