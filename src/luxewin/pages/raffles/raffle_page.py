"""The values on the page of one raffle; none of them identifies a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from luxewin.kit.http.middleware import BASE
from luxewin.modules.raffles.public import Json, PublicRaffle, Raffle, RaffleStatus, RaffleView, hash_of
from luxewin.pages.raffles.requests import VERIFIER_PATH, PageRequest

_STEPS_OF_THE_LOCK = ("rules", "receipt", "root")
_STEPS_OF_THE_DRAW = ("beacon", "seed", "positions", "outcome", "signature")
_COMMANDS = """\
curl {verifier_url} > verify_draw.py
curl -H 'X-Tenant: {tenant}' {base_url}/raffles/{id}/proof > proof.json
python3 verify_draw.py proof.json
"""


def raffle_values(request: PageRequest, public_raffle: PublicRaffle, *, relays: Sequence[str]) -> dict[str, Any]:
    """Return the values of `raffles/raffle.html`; the browser requests the round from the relays to check a draw."""
    raffle = public_raffle.raffle
    return {
        "public_raffle": public_raffle,
        "raffle": raffle,
        "terms": raffle.terms,
        "state": state_of(raffle, public_raffle.now),
        "is_open": raffle.status is RaffleStatus.OPEN,
        "is_cancelled": raffle.status is RaffleStatus.CANCELLED,
        "is_local": has_local_beacon(public_raffle.rules),
        "draws_at": _draws_at(public_raffle.rules),
        "odds": RaffleView.of(raffle, [public_raffle.rules]).odds,
        "rules_hashes": [hash_of(rules).hex() for rules in public_raffle.versions],
        "rules_text": orjson.dumps(public_raffle.rules, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode(),
        "awarded": [place for place in public_raffle.winners if place["prize"] is not None],
        "reserves": [place["number"] for place in public_raffle.winners if place["status"] == "reserve"],
        "steps": _STEPS_OF_THE_LOCK if public_raffle.proof is None else _STEPS_OF_THE_LOCK + _STEPS_OF_THE_DRAW,
        "relays": relays,
        "check_texts": orjson.dumps(dict(request.language.check)).decode(),
        "verifier_url": VERIFIER_PATH,
        "commands": _COMMANDS.format(
            tenant=request.tenant.slug,
            base_url=request.base_url + BASE,
            verifier_url=request.base_url + VERIFIER_PATH,
            id=raffle.id,
        ),
    }


def state_of(raffle: Raffle, now: datetime) -> str:
    """Return the status that the page shows: an open raffle after its closing time is `closing`."""
    is_over = raffle.status is RaffleStatus.OPEN and now >= raffle.terms.closes_at
    return "closing" if is_over else raffle.status.value


def has_local_beacon(rules: Json) -> bool:
    """Return whether the rules name this installation's own beacon."""
    return bool(rules["beacon"]["beacon_id"] == "local")


def _draws_at(rules: Json) -> int:
    beacon = rules["beacon"]
    return int(beacon["genesis_time"] + (rules["round"] - 1) * beacon["period_seconds"])
