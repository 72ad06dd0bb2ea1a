"""`luxewin verify-draw` and `luxewin draw-recompute`."""

import json
import subprocess
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from luxewin.kit.startup import StartupError
from luxewin.modules.raffles.public import (
    QUICKNET,
    RELAYS,
    Blocks,
    DrandBeacon,
    entries_of,
    is_valid_signature,
    positions,
    randomness_of,
    root_of_entries,
    seed_of,
)
from luxewin.pages.raffles.verifier import verifier_file

_FIRST_POSITIONS = 20
_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class DrawInputs:
    """The published inputs of a draw."""

    raffle_id: UUID
    entries: list[tuple[int, bytes]]
    round_number: int
    signature: bytes | None

    @classmethod
    def read(cls, file: Path) -> "DrawInputs":
        """Read the inputs from a file.

        Raises:
            StartupError: the file does not contain them.
        """
        try:
            fields: dict[str, Any] = json.loads(file.read_bytes())
            return cls(
                UUID(fields["raffle_id"]),
                entries_of(fields["entries"]),
                int(fields["round"]),
                bytes.fromhex(fields["signature"]) if "signature" in fields else None,
            )
        except OSError as error:
            raise StartupError(
                f"{file} cannot be read ({error.strerror}): give the path of an existing file"
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StartupError(
                f"{file} does not contain a draw ({error!r}): it needs raffle_id, entries and round, as in a proof"
            ) from error


def verify(file: Path, rpc: str | None, details: Path | None) -> bool:
    """Run the offline verifier on a proof in an isolated process; return whether the proof is valid."""
    options = [] if rpc is None else ["--rpc", rpc]
    options += [] if details is None else ["--details", str(details)]
    command = [sys.executable, "-I", str(verifier_file()), str(file), *options]
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - our own file


async def recompute(file: Path) -> dict[str, Any]:
    """Return the root, the seed and the first positions of a draw, with the ticket numbers at these positions.

    A missing signature is fetched from drand's relays. It is verified with the public key of quicknet in any case.

    Raises:
        StartupError: the file does not contain a draw, or no relay has the round.
    """
    draw = DrawInputs.read(file)
    signature = draw.signature or await _fetch_signature(draw.round_number)
    if not is_valid_signature(QUICKNET.public_key, draw.round_number, signature):
        raise StartupError(f"The signature is not valid for round {draw.round_number} of drand quicknet")
    root = root_of_entries(draw.raffle_id, draw.entries)
    seed = seed_of(
        chain_hash=QUICKNET.hash,
        round_number=draw.round_number,
        randomness=randomness_of(signature),
        raffle_id=draw.raffle_id,
        merkle_root=root,
        entries=len(draw.entries),
    )
    numbers = [number for number, _ in draw.entries]
    first_positions = list(islice(positions(Blocks.of(seed), entries=len(numbers)), _FIRST_POSITIONS))
    return {
        "merkle_root": root.hex(),
        "seed": seed.hex(),
        "positions": first_positions,
        "numbers": [numbers[position] for position in first_positions],
    }


async def _fetch_signature(round_number: int) -> bytes:
    async with httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS) as http:
        beacon_round = await DrandBeacon(QUICKNET, RELAYS, http).round(round_number)
    if beacon_round.signature is None:
        raise StartupError(
            f"No drand relay has round {round_number}: wait for it, or put its `signature` into the file"
        )
    return beacon_round.signature
