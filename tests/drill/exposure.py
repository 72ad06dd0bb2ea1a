"""Guards of what a client without an account can reach and repeat: the framing of bodies, pages, probes."""

from collections.abc import Sequence

from tests.drill.guard import Guard

CONNECTIONS = "src/luxewin/kit/http/connections.py"
FRAMING = "tests/kit/test_body_framing.py"

EXPOSURE: Sequence[Guard] = (
    Guard(
        name="trailers and chunk extensions have a limit",
        file=CONNECTIONS,
        guard="if self._body_is_open and self._framing.is_too_large:",
        gone="if False:",
        tests=[f"{FRAMING}::test_a_body_whose_framing_has_no_end_is_refused"],
    ),
    Guard(
        name="content does not pay for the framing after it",
        file="src/luxewin/kit/http/body_framing.py",
        guard="max(0, self._excess_bytes) + received_bytes",
        gone="self._excess_bytes + received_bytes",
        tests=[f"{FRAMING}::test_content_buys_no_framing_that_follows_it"],
    ),
    Guard(
        name="a body that is refused after its response gets no second one",
        file=CONNECTIONS,
        guard="if self._cycles != [self.cycle] or self.cycle.response_started:",
        gone="if False:",
        tests=[f"{FRAMING}::test_a_body_whose_framing_has_no_end_is_cut_off_after_its_response"],
    ),
)
