"""drand over HTTP, from several relays: none of them is trusted, each answer is verified against the chain's key."""

import re
from collections.abc import Sequence
from typing import Any

import httpx2
import orjson
import structlog

from luxewin.modules.raffles.beacons import signatures
from luxewin.modules.raffles.beacons.protocol import Heard, Lie
from luxewin.modules.raffles.domain.beacons import Chain

_LARGEST_ANSWER_BYTES = 4096
_LONGEST_TOLD = 200
_SIGNATURE = re.compile(r"[0-9a-f]{96}")
_NOT_YET = {404, 425}
log = structlog.get_logger("beacon")


class DrandBeacon:
    """Asks relay after relay until one gives a signature that verifies.

    A relay that lies, stammers or keeps silent is noted and passed over; the round is never replaced by another.
    """

    def __init__(self, chain: Chain, relays: Sequence[str], http: httpx2.AsyncClient) -> None:
        self.chain = chain
        self._relays = relays
        self._http = http

    async def round(self, number: int) -> Heard:
        """Ask every relay in turn, each within the client's time-outs."""
        lies: list[Lie] = []
        for relay in self._relays:
            said = await self._asked(relay, number)
            if said is None:
                continue
            signature = _signature_in(said, number)
            if signature is not None and signatures.verifies(self.chain.public_key, number, signature):
                return Heard(signature, tuple(lies))
            lies.append(Lie(relay, said[:_LONGEST_TOLD].decode("ascii", "backslashreplace")))
            log.warning("a relay tells of a round what the chain's key does not confirm", relay=relay, round=number)
        return Heard(None, tuple(lies))

    async def _asked(self, relay: str, number: int) -> bytes | None:
        """Return what a relay says of a round; None where it has nothing to say, or does not say it in time."""
        url = f"{relay}/{self.chain.hash.hex()}/public/{number}"
        try:
            async with self._http.stream("GET", url) as answer:
                if answer.status_code in _NOT_YET:
                    return None
                answer.raise_for_status()
                return await _bounded(answer)
        except httpx2.HTTPError as error:
            log.warning("a relay does not answer", relay=relay, round=number, error=type(error).__name__)
            return None


async def _bounded(answer: httpx2.Response) -> bytes:
    """Read no more than an honest answer could have; what is longer is cut, and then no answer at all."""
    said = b""
    async for chunk in answer.aiter_bytes(_LARGEST_ANSWER_BYTES):
        said += chunk
        if len(said) > _LARGEST_ANSWER_BYTES:
            break
    return said


def _signature_in(said: bytes, number: int) -> bytes | None:
    try:
        told: Any = orjson.loads(said)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(told, dict) or told.get("round") != number:
        return None
    signature = told.get("signature")
    return bytes.fromhex(signature) if isinstance(signature, str) and _SIGNATURE.fullmatch(signature) else None
