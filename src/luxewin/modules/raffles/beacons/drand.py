"""drand over HTTP, from several relays: no relay is trusted, every answer is verified under the chain's key."""

import re
from collections.abc import Sequence
from typing import Any

import httpx2
import orjson
import structlog

from luxewin.modules.raffles.beacons import signatures
from luxewin.modules.raffles.beacons.protocol import BeaconRound, InvalidAnswer
from luxewin.modules.raffles.domain.beacons import Chain

_MAX_ANSWER_BYTES = 4096
_MAX_EXCERPT_BYTES = 200
_SIGNATURE = re.compile(r"[0-9a-f]{96}")
_NOT_AVAILABLE_YET = {404, 425}
log = structlog.get_logger("beacon")


class DrandBeacon:
    """Asks one relay after the other until one returns a valid signature.

    Invalid answers are reported with the round; errors and time-outs are logged. Another round is never accepted.
    """

    def __init__(self, chain: Chain, relays: Sequence[str], http: httpx2.AsyncClient) -> None:
        self.chain = chain
        self._relays = relays
        self._http = http

    async def round(self, number: int) -> BeaconRound:
        """Fetch a round; each relay is limited by the time-outs of the HTTP client."""
        invalid: list[InvalidAnswer] = []
        for relay in self._relays:
            answer = await self._fetch(relay, number)
            if answer is None:
                continue
            signature = _signature_in(answer, number)
            if signature is not None and signatures.is_valid_signature(self.chain.public_key, number, signature):
                return BeaconRound(signature, tuple(invalid))
            invalid.append(InvalidAnswer(relay, answer[:_MAX_EXCERPT_BYTES].decode("ascii", "backslashreplace")))
            log.warning("the answer of a relay does not verify under the chain's key", relay=relay, round=number)
        return BeaconRound(None, tuple(invalid))

    async def _fetch(self, relay: str, number: int) -> bytes | None:
        """Return a relay's answer; None if it does not have the round yet, or does not answer in time."""
        url = f"{relay}/{self.chain.hash.hex()}/public/{number}"
        try:
            async with self._http.stream("GET", url) as response:
                if response.status_code in _NOT_AVAILABLE_YET:
                    return None
                response.raise_for_status()
                return await _read_bounded(response)
        except httpx2.HTTPError as error:
            log.warning("a relay does not answer", relay=relay, round=number, error=type(error).__name__)
            return None


async def _read_bounded(response: httpx2.Response) -> bytes:
    """Read a response up to the limit and one chunk; a longer one is cut, and then is no valid JSON."""
    content = b""
    async for chunk in response.aiter_bytes(_MAX_ANSWER_BYTES):
        content += chunk
        if len(content) > _MAX_ANSWER_BYTES:
            break
    return content


def _signature_in(answer: bytes, number: int) -> bytes | None:
    try:
        document: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict) or document.get("round") != number:
        return None
    signature = document.get("signature")
    return bytes.fromhex(signature) if isinstance(signature, str) and _SIGNATURE.fullmatch(signature) else None
