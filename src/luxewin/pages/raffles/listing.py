"""A shop's raffles, the entries of one, and what is said where there is nothing."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from luxewin.modules.raffles.public import PublicRaffle, Raffle, RaffleStatus
from luxewin.pages.html import each, fill
from luxewin.pages.raffles.languages import Language, languages
from luxewin.pages.raffles.visits import PREFIX, Visit
from luxewin.pages.shown import moment_of, price_of
from luxewin.pages.static_files import address_of

_PRIZES_NAMED = 3


def raffles_page(visit: Visit, raffles: Sequence[Raffle], *, more: bool, now: datetime) -> tuple[str, Markup]:
    """Return title and body of the list, newest first."""
    words = visit.language.page
    cards = each([_card(visit, raffle, now) for raffle in raffles])
    older = fill("raffles/next", address=visit.to(before=str(raffles[-1].id)), text=words["older"]) if more else ""
    body = fill(
        "raffles/list",
        top=top(visit),
        w=words,
        cards=fill("raffles/cards", cards=cards) if raffles else fill("raffles/note", kind="soft", text=words["none"]),
        older=older,
    )
    return f"{words['raffles_of']} · {visit.shop}", body


def entries_page(
    visit: Visit, shown: PublicRaffle, entries: Sequence[tuple[int, bytes]], *, more: bool
) -> tuple[str, Markup]:
    """Return title and body of some of a raffle's entries."""
    words, path = visit.language.page, f"/{shown.raffle.id}"
    following = visit.to(f"{path}/entries", after=entries[-1][0]) if more else None
    body = fill(
        "raffles/listed",
        top=top(visit),
        w=words,
        sheet=visit.to(path),
        rows=each([fill("raffles/entry", number=number, commit=commit.hex()) for number, commit in entries]),
        next=fill("raffles/next", address=following, text=words["entries_next"]) if following else "",
    )
    return f"{words['entries']} · {shown.raffle.terms.title}", body


def absent(visit: Visit, word: str) -> tuple[str, Markup]:
    """Return title and body that say that something is not there, or cannot be read."""
    words = visit.language.page
    told = {"title": words[word], "text": words[f"{word}_lead"]}
    return words[word], fill("raffles/absent", top=top(visit), list=visit.to(), w=words, **told)


def nowhere(language: Language, word: str) -> tuple[str, Markup]:
    """Return the same where not even the shop is known."""
    words = language.page
    head = fill("raffles/top", w=words, home="/", icon=address_of("mark.svg"), shop="LuxeWin", languages="")
    told = {"title": words[word], "text": words[f"{word}_lead"]}
    return words[word], fill("raffles/absent", top=head, list=PREFIX, w=words, **told)


def top(visit: Visit) -> Markup:
    """Return the head of a page: the shop, and the same page in other languages."""
    links = [
        fill("raffles/language_now", code=language.code, name=language.name)
        if language is visit.language
        else fill("raffles/language", address=visit.here_in(language), code=language.code, name=language.name)
        for language in languages().values()
    ]
    icon = address_of("mark.svg")
    return fill(
        "raffles/top", w=visit.language.page, home=visit.to(), icon=icon, shop=visit.shop, languages=each(links)
    )


def state_of(raffle: Raffle, now: datetime) -> str:
    """Return where a raffle stands, as people are told it: one that is over, and not yet locked, is closing."""
    is_over = raffle.status is RaffleStatus.OPEN and now >= raffle.terms.closes_at
    return "closing" if is_over else raffle.status.value


def _card(visit: Visit, raffle: Raffle, now: datetime) -> Markup:
    words, terms, state = visit.language.page, raffle.terms, state_of(raffle, now)
    prizes = [prize.name for prize in terms.prizes[:_PRIZES_NAMED]]
    entered = visit.language.say("of_capacity", entered=f"{raffle.counts.valid:,}", capacity=f"{terms.capacity:,}")
    facts = [
        (words["ticket_price"], Markup('<bdi dir="ltr">{}</bdi>').format(price_of(terms.ticket_price))),
        (words["tickets"], entered),
        (words["closes" if state == "open" else "closed"], moment_of(terms.closes_at)),
    ]
    return fill(
        "raffles/card",
        address=visit.to(f"/{raffle.id}"),
        state=state,
        state_name=visit.language.status[state],
        title=terms.title,
        prizes=" · ".join(prizes) + (" …" if len(terms.prizes) > _PRIZES_NAMED else ""),
        facts=each([fill("raffles/row", name=name, value=value) for name, value in facts]),
    )
