"""The page of one raffle, in whatever state it is; nothing of it names a person."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from markupsafe import Markup, escape

from luxewin.kit.http.middleware import BASE
from luxewin.modules.raffles.public import Json, PublicRaffle, RaffleStatus, RaffleView, hash_of
from luxewin.pages.html import each, fill
from luxewin.pages.raffles.listing import state_of, top
from luxewin.pages.raffles.visits import Visit
from luxewin.pages.shown import moment_of, price_of
from luxewin.pages.static_files import address_of

_STEPS_OF_THE_LOCK = ("rules", "receipt", "root")
_STEPS = (*_STEPS_OF_THE_LOCK, "beacon", "seed", "positions", "outcome", "signature")
_COMMANDS = """\
curl -H 'X-Tenant: {tenant}' {base}/raffles/{id}/proof > proof.json
python3 verify_draw.py proof.json
"""
Rows = Iterable[tuple[str, Any]]


def sheet(visit: Visit, shown: PublicRaffle, *, relays: Sequence[str]) -> tuple[str, Markup]:
    """Return title and body of a raffle's page; `relays` are asked by the browser that checks a draw."""
    words, raffle, terms = visit.language.page, shown.raffle, shown.raffle.terms
    state = state_of(raffle, shown.now)
    cannot = [words["cannot_early"], words["cannot_enter"]]
    body = fill(
        "raffles/sheet",
        top=top(visit),
        w=words,
        id=raffle.id,
        tenant=visit.tenant.slug,
        direction=visit.language.direction,
        protocol=address_of("lw1.js"),
        round=visit.to(f"/{raffle.id}/round.json") if is_local(shown.rules) else "",
        relays=" ".join(relays),
        check_words=orjson.dumps(dict(visit.language.check)).decode(),
        list=visit.to(),
        title=terms.title,
        state=state,
        state_name=visit.language.status[state],
        story=_story(visit, shown, state),
        description=fill("raffles/lead", text=terms.description) if terms.description else "",
        facts=_rows(_facts(visit, shown, state)),
        winners=_winners(visit, shown),
        prizes=_prizes(visit, shown),
        odds=_rows(_odds(visit, shown)),
        rules=_rows(_rules(visit, shown)),
        rules_hashes=_hashes(_rules_hashes(visit, shown)),
        rules_text=orjson.dumps(shown.rules, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode(),
        check=_check(visit, shown),
        receipt=_receipt(visit, shown),
        entries=fill("raffles/entries", w=words, address=visit.to(f"/{raffle.id}/entries")) if shown.lock else "",
        anchor=_anchor(visit, shown),
        cannot=each([fill("raffles/item", text=text) for text in cannot]),
    )
    return f"{terms.title} · {visit.shop}", body


def is_local(rules: Json) -> bool:
    """Tell whether the beacon that rules name is this installation's own."""
    return bool(rules["beacon"]["beacon_id"] == "local")


def _story(visit: Visit, shown: PublicRaffle, state: str) -> Markup:
    if shown.cancellation is not None:
        return visit.language.say("cancelled_locked")
    closes, draws = moment_of(shown.raffle.terms.closes_at), moment_of(_draws_at(shown.rules))
    return visit.language.tell(state, closes=closes, draws=draws)


def _facts(visit: Visit, shown: PublicRaffle, state: str) -> Rows:
    words, raffle, terms = visit.language.page, shown.raffle, shown.raffle.terms
    yield words["ticket_price"], _left_to_right(price_of(terms.ticket_price))
    valid = shown.lock.receipt.entries if shown.lock else raffle.counts.valid
    entered, capacity = f"{valid:,}", f"{terms.capacity:,}"
    yield words["tickets"], visit.language.say("of_capacity", entered=entered, capacity=capacity)
    yield words["closes" if state == "open" else "closed"], moment_of(terms.closes_at)
    if shown.cancellation is not None:
        yield words["cancelled_because"], Markup('<span dir="auto">{}</span>').format(shown.cancellation.reason)
        yield words["would_have_won"], _prevented(visit, shown)
    elif raffle.status is RaffleStatus.CANCELLED:
        return
    beacon = _left_to_right(shown.rules["beacon"]["beacon_id"])
    by = visit.language.say("draw_round", round=f"{shown.rules['round']}", beacon=beacon)
    yield words["draw"], Markup("{} <small>{}</small>").format(moment_of(_draws_at(shown.rules)), by)


def _prevented(visit: Visit, shown: PublicRaffle) -> Markup:
    if shown.prevented is None:
        return escape(visit.language.page["would_have_later"])
    prizes = shown.raffle.terms.prizes
    told = [
        Markup('<bdi>{}</bdi> <small dir="auto">{}</small>').format(place["number"], prizes[place["prize"] - 1].name)
        for place in shown.prevented["winners"]
    ]
    return Markup().join(told) if told else Markup("–")


def _winners(visit: Visit, shown: PublicRaffle) -> Markup:
    if not shown.winners:
        return Markup()
    words, prizes = visit.language.page, shown.raffle.terms.prizes
    won = [
        fill(
            "raffles/winner",
            w=words,
            number=place["number"],
            prize=prizes[place["prize"] - 1].name,
            status=visit.language.place.get(place["status"], place["status"]),
        )
        for place in shown.winners
        if place["prize"] is not None
    ]
    waiting = ", ".join(str(place["number"]) for place in shown.winners if place["status"] == "reserve")
    reserves = Markup("{}: <bdi>{}</bdi>").format(words["reserve"], waiting)
    return fill(
        "raffles/winners",
        w=words,
        winners=each(won),
        reserves=fill("raffles/note", kind="soft", text=reserves) if waiting else "",
    )


def _prizes(visit: Visit, shown: PublicRaffle) -> Markup:
    awarded = {place["prize"] for place in shown.winners}
    told = []
    for position, prize in enumerate(shown.raffle.terms.prizes, 1):
        value = (
            Markup()
            if prize.value is None
            else Markup(" <small>{}</small>").format(_left_to_right(price_of(prize.value)))
        )
        if shown.winners and position not in awarded:
            value = Markup(" <small>{}</small>").format(visit.language.page["not_awarded"])
        told.append(fill("raffles/prize", name=prize.name, value=value))
    return each(told)


def _odds(visit: Visit, shown: PublicRaffle) -> Rows:
    words, odds = visit.language.page, RaffleView.of(shown.raffle, [shown.rules]).odds
    if shown.raffle.status is not RaffleStatus.OPEN:
        yield words["odds_final"], _chance(visit, odds.at_worst.prizes, odds.at_worst.tickets)
        return
    yield words["odds_now"], _chance(visit, odds.now.prizes, odds.now.tickets)
    yield words["odds_worst"], _chance(visit, odds.at_worst.prizes, odds.at_worst.tickets)


def _chance(visit: Visit, prizes: int, tickets: int) -> Markup:
    if not tickets:
        return Markup("–")
    many = f"{max(tickets / prizes, 1):,.1f}".removesuffix(".0")
    counts = visit.language.say("odds_counts", prizes=f"{prizes:,}", tickets=f"{tickets:,}")
    return Markup("{} <small><bdi>{}</bdi></small>").format(visit.language.say("odds_value", many=many), counts)


def _rules(visit: Visit, shown: PublicRaffle) -> Rows:
    words, terms = visit.language.page, shown.raffle.terms
    yes_or_no = {True: words["yes"], False: words["no"]}
    limit = words["no_limit"] if terms.per_person_limit is None else f"{terms.per_person_limit:,}"
    yield words["per_person"], limit
    yield words["one_prize"], yes_or_no[terms.one_prize_per_person]
    yield words["reserves"], f"{terms.reserve_winners:,}"
    yield words["sold_out"], yes_or_no[terms.closes_when_sold_out]
    yield words["minimum_age"], words["none_set"] if terms.minimum_age is None else terms.minimum_age
    open_to = words["everywhere"] if terms.territories is None else _left_to_right(", ".join(terms.territories))
    yield words["territories"], open_to
    yield words["free_entry"], yes_or_no[terms.free_entry]
    question = Markup('<span dir="auto">{}</span>').format(terms.skill.question) if terms.skill else words["none_set"]
    yield words["skill"], question
    for rules in reversed(shown.versions[:-1]):
        yield words["closed_before"], moment_of(rules["closes_at"])


def _rules_hashes(visit: Visit, shown: PublicRaffle) -> Rows:
    words, (*earlier, newest) = visit.language.page, shown.versions
    yield words["rules_hash"], hash_of(newest).hex()
    for rules in reversed(earlier):
        yield visit.language.say("rules_hash_before", version=rules["version"]), hash_of(rules).hex()
    yield words["signing_key"], newest["signing_key"]


def _receipt(visit: Visit, shown: PublicRaffle) -> Markup:
    words, lock = visit.language.page, shown.lock
    if lock is None:
        cancelled = shown.raffle.status is RaffleStatus.CANCELLED
        return fill("raffles/note", kind="soft", text=words["none_set" if cancelled else "receipt_later"])
    receipt = lock.receipt
    rows = _rows([(words["entries"], f"{receipt.entries:,}"), (words["locked_at"], moment_of(receipt.locked_at))])
    hashes = _hashes(
        [
            (words["merkle_root"], receipt.merkle_root.hex()),
            (words["receipt_hash"], receipt.hash.hex()),
            (words["signature"], lock.signature.hex()),
        ]
    )
    return fill("raffles/receipt", w=words, rows=rows, hashes=hashes)


def _anchor(visit: Visit, shown: PublicRaffle) -> Markup:
    language, promised = visit.language, shown.rules["anchor"]
    told = []
    if promised is None:
        told.append(fill("raffles/note", kind="soft", text=language.page["anchor_none"]))
    else:
        contract = Markup('<code dir="ltr">0x{}</code>').format(promised["contract"])
        promise = language.say("anchor_promised", chain=promised["chain_id"], contract=contract)
        told.append(fill("raffles/note", kind="soft", text=promise))
    anchor = shown.lock.anchor if shown.lock else None
    if anchor is not None:
        done = language.say("anchor_done", chain=anchor["chain_id"], block=anchor["block_number"])
        told.append(fill("raffles/note", kind="soft", text=done))
        hashes = _hashes([(language.page["anchor_transaction"], f"0x{anchor['transaction_hash']}")])
        told.append(fill("raffles/hashes", hashes=hashes))
    if is_local(shown.rules):
        told.append(fill("raffles/note", kind="loud", text=language.page["local"]))
    return each(told)


def _check(visit: Visit, shown: PublicRaffle) -> Markup:
    words = visit.language.check
    if shown.raffle.status is RaffleStatus.CANCELLED and shown.lock is None:
        return Markup()
    if shown.lock is None:
        return fill("raffles/check_later", c=words)
    steps = [
        fill(
            "raffles/step",
            name=name,
            title=words[f"step_{name}"],
            about=words[f"about_{name}"],
            pending=words["pending"],
        )
        for name in (_STEPS_OF_THE_LOCK if shown.proof is None else _STEPS)
    ]
    commands = _COMMANDS.format(tenant=visit.tenant.slug, base=visit.address + BASE, id=shown.raffle.id)
    offline = fill("raffles/offline", c=words, commands=commands) if shown.proof is not None else ""
    return fill("raffles/check", c=words, steps=each(steps), offline=offline)


def _draws_at(rules: Json) -> int:
    beacon = rules["beacon"]
    return int(beacon["genesis_time"] + (rules["round"] - 1) * beacon["period_seconds"])


def _rows(rows: Rows) -> Markup:
    return each([fill("raffles/row", name=name, value=value) for name, value in rows])


def _hashes(hashes: Rows) -> Markup:
    return each([fill("raffles/hash", name=name, value=value) for name, value in hashes])


def _left_to_right(text: str) -> Markup:
    return Markup('<bdi dir="ltr">{}</bdi>').format(text)
