"""Raffles as they come in and go out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, JsonValue

from luxewin.kit.http.fields import Body, LongText, MoneyField, PriceField, ShortText, View
from luxewin.kit.http.patterns import Pattern
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.modules.raffles.domain.beacons import Chain
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.domain.raffles import (
    CLAIM_DAYS,
    LEAST_DELAY_SECONDS,
    LOCAL_DELAY_SECONDS,
    MOST_PRIZES,
    MOST_TICKETS,
    Prize,
    Raffle,
    RaffleStatus,
    SkillQuestion,
    Terms,
)
from luxewin.modules.raffles.errors import CurrencyNotSold

Territory = Annotated[
    str, Pattern(r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", "must be a country or one of its regions, such as GB or US-NY")
]
"""ISO 3166: a country, or one of its subdivisions."""

_LAST_YEAR = 2199


def _in_our_time(moment: datetime) -> datetime:
    if moment.year > _LAST_YEAR:
        raise ValueError(f"must be in the year {_LAST_YEAR} or earlier")
    return moment


Closing = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
"""A moment that rounds, time zones and the database can still be reckoned from."""

RAFFLE_ID = "0199a1b2-7c00-7000-8000-000000000031"
_DAY_SECONDS = 86_400
_PRICE: JsonValue = {"amount": 500, "currency": "USD"}
_PRIZES: JsonValue = [{"name": "Oslo Lounge Chair", "value": {"amount": 64900, "currency": "USD"}}]
_NEW_RAFFLE: dict[str, JsonValue] = {
    "title": "Win the Oslo Lounge Chair",
    "description": "One chair, five hundred tickets.",
    "ticket_price": _PRICE,
    "capacity": 500,
    "per_person_limit": 20,
    "closes_at": "2026-12-24T18:00:00Z",
    "prizes": _PRIZES,
}
_RULES_HASH = "9f2c6d2ad6a1c1a1b5be0a5ef2e8b2b7f3f0e7ac1f0f7c6cc5a3f1d6f4b3a2c1"
_RAFFLE: dict[str, JsonValue] = {
    **_NEW_RAFFLE,
    "id": RAFFLE_ID,
    "status": "open",
    "one_prize_per_person": True,
    "prizes": [
        {
            "position": 1,
            "name": "Oslo Lounge Chair",
            "value": {"amount": 64900, "currency": "USD"},
            "variant_id": "0199a1b2-7c00-7000-8000-000000000002",
        }
    ],
    "claim_days": 14,
    "reserve_winners": 3,
    "closes_when_sold_out": False,
    "draw_delay_seconds": 600,
    "minimum_age": 18,
    "territories": None,
    "free_entry": False,
    "skill_question": None,
    "tickets_entered": 120,
    "tickets_left": 378,
    "odds": {"now": {"prizes": 1, "tickets": 121}, "at_worst": {"prizes": 1, "tickets": 500}},
    "draw": {"beacon": "quicknet", "round": 41000000, "at": "2026-12-24T18:10:00Z"},
    "with_anchor": False,
    "anchor": None,
    "rules_version": 1,
    "rules_hash": _RULES_HASH,
    "created_at": "2026-11-20T12:00:00Z",
    "version": 2,
}


class PrizeBody(Body):
    """A prize; prizes are drawn in the order in which they are given."""

    model_config = ConfigDict(json_schema_extra={"examples": _PRIZES})

    name: ShortText
    value: PriceField | None = Field(default=None, description="What it is worth")
    variant_id: UUID | None = Field(
        default=None, description="A piece of the catalogue: held from the publication on, and sent to who claims it"
    )

    @property
    def prize(self) -> Prize:
        """The prize as the domain knows it; one that is sent gets the id of its order here."""
        order_id = None if self.variant_id is None else new_id()
        return Prize(self.name, self.value.money if self.value else None, self.variant_id, order_id)


class SkillQuestionBody(Body):
    """A question that every buyer has to answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "What is 6 × 7?", "answer": "42"}]})

    question: ShortText
    answer: ShortText = Field(description="Compared without regard to case and white space; never shown")


class RaffleBody(Body):
    """The terms of a raffle; until it is published all of them may change."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NEW_RAFFLE]})

    title: ShortText
    description: LongText = ""
    ticket_price: PriceField
    capacity: int = Field(strict=True, ge=1, le=MOST_TICKETS, description="Most tickets that are ever sold")
    per_person_limit: int | None = Field(default=None, strict=True, ge=1, le=MOST_TICKETS)
    one_prize_per_person: bool = Field(default=True, strict=True)
    prizes: list[PrizeBody] = Field(min_length=1, max_length=MOST_PRIZES)
    reserve_winners: int = Field(default=3, strict=True, ge=0, le=MOST_PRIZES)
    closes_at: Closing = Field(description="Fractions of a second are cut")
    closes_when_sold_out: bool = Field(default=False, strict=True)
    draw_delay_seconds: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=30 * _DAY_SECONDS,
        description="From closing to the round that draws; missing: the least that the beacon allows",
    )
    minimum_age: int | None = Field(default=None, strict=True, ge=1, le=120, description="In whole years")
    territories: list[Territory] | None = Field(
        default=None, min_length=1, max_length=300, description="ISO 3166: a country includes its subdivisions"
    )
    free_entry: bool = Field(default=False, strict=True, description="Entries come by post as well; staff records them")
    skill_question: SkillQuestionBody | None = None
    with_anchor: bool = Field(
        default=False, strict=True, description="Hashes of its rules and entries are written to the configured chain"
    )
    claim_days: int = Field(
        default=CLAIM_DAYS, strict=True, ge=1, le=366, description="How long a winner has to claim, from winning on"
    )

    def terms(self, *, currency: str, chain: Chain) -> Terms:
        """Return the terms as the domain knows them.

        Raises:
            CurrencyNotSold: a price is in another currency than the shop's.
        """
        self._must_be_in(currency)
        is_quick = chain.operated_here and not self.with_anchor
        usual_delay = LOCAL_DELAY_SECONDS if is_quick else LEAST_DELAY_SECONDS
        skill = self.skill_question
        return Terms(
            title=self.title,
            description=self.description,
            ticket_price=self.ticket_price.money,
            capacity=self.capacity,
            per_person_limit=self.per_person_limit,
            one_prize_per_person=self.one_prize_per_person,
            prizes=[prize.prize for prize in self.prizes],
            reserve_winners=self.reserve_winners,
            closes_at=self.closes_at.replace(microsecond=0),
            closes_when_sold_out=self.closes_when_sold_out,
            draw_delay_seconds=usual_delay if self.draw_delay_seconds is None else self.draw_delay_seconds,
            minimum_age=self.minimum_age,
            territories=self.territories,
            free_entry=self.free_entry,
            skill=SkillQuestion.of(skill.question, skill.answer) if skill else None,
            claim_days=self.claim_days,
            with_anchor=self.with_anchor,
        )

    def _must_be_in(self, currency: str) -> None:
        if self.ticket_price.currency != currency:
            raise CurrencyNotSold(pointer="/ticket_price/currency")
        for place, prize in enumerate(self.prizes):
            if prize.value is not None and prize.value.currency != currency:
                raise CurrencyNotSold(pointer=f"/prizes/{place}/value/currency")


class PostponementBody(Body):
    """When a raffle closes instead."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"closes_at": "2026-12-31T18:00:00Z"}]})

    closes_at: Closing = Field(description="Later than promised, by a year at most; fractions of a second are cut")


class PrizeView(View):
    """A prize of a raffle."""

    position: int
    name: str
    value: MoneyField | None
    variant_id: UUID | None


class ChanceView(View):
    """So many prizes among so many tickets."""

    prizes: int
    tickets: int


class OddsView(View):
    """What one ticket is worth: bought now, if nobody else bought one; and when all are sold."""

    now: ChanceView
    at_worst: ChanceView

    @classmethod
    def of(cls, raffle: Raffle) -> Self:
        """Work out the odds of this moment."""
        prizes = len(raffle.terms.prizes)
        buys = 1 if raffle.status in {RaffleStatus.DRAFT, RaffleStatus.OPEN} else 0
        entered = raffle.counts.valid
        worst = raffle.terms.capacity - raffle.counts.voided if buys else entered
        return cls(
            now=ChanceView(prizes=prizes, tickets=entered + buys), at_worst=ChanceView(prizes=prizes, tickets=worst)
        )


class DrawView(View):
    """What will decide, fixed by the rules; where they were postponed, by their newest version."""

    beacon: str
    round: int
    at: datetime


class AnchorView(View):
    """Where hashes of rules and entries are written, and how long before the round at the latest."""

    chain_id: int
    contract: str
    sender: str
    margin_seconds: int


class RaffleView(View):
    """A raffle, with the odds of this moment."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RAFFLE]})

    id: UUID
    status: RaffleStatus
    title: str
    description: str
    ticket_price: MoneyField
    capacity: int
    per_person_limit: int | None
    one_prize_per_person: bool
    prizes: list[PrizeView]
    reserve_winners: int
    closes_at: datetime
    closes_when_sold_out: bool
    draw_delay_seconds: int
    minimum_age: int | None
    territories: list[str] | None
    free_entry: bool
    skill_question: str | None
    claim_days: int
    tickets_entered: int = Field(description="Valid tickets: paid, and not given back")
    tickets_left: int
    odds: OddsView
    draw: DrawView | None = Field(description="Null until it is published")
    with_anchor: bool
    anchor: AnchorView | None = Field(description="Null until it is published, and where it promises none")
    rules_version: int | None = Field(description="Null until it is published; higher than 1 once it was postponed")
    rules_hash: str | None = Field(description="SHA-256 of the newest rules in canonical JSON")
    created_at: datetime
    version: int

    @classmethod
    def of(cls, raffle: Raffle, rules: Sequence[Json]) -> Self:
        """Shape a raffle."""
        terms = raffle.terms
        newest = rules[-1] if rules else None
        return cls(
            id=raffle.id,
            status=raffle.status,
            title=terms.title,
            description=terms.description,
            ticket_price=MoneyField.of(terms.ticket_price),
            capacity=terms.capacity,
            per_person_limit=terms.per_person_limit,
            one_prize_per_person=terms.one_prize_per_person,
            prizes=[
                PrizeView(position=position, name=prize.name, value=_shown(prize.value), variant_id=prize.variant_id)
                for position, prize in enumerate(terms.prizes, 1)
            ],
            reserve_winners=terms.reserve_winners,
            closes_at=datetime.fromtimestamp(newest["closes_at"], tz=UTC) if newest else terms.closes_at,
            closes_when_sold_out=terms.closes_when_sold_out,
            draw_delay_seconds=terms.draw_delay_seconds,
            minimum_age=terms.minimum_age,
            territories=list(terms.territories) if terms.territories is not None else None,
            free_entry=terms.free_entry,
            skill_question=terms.skill.question if terms.skill else None,
            claim_days=terms.claim_days,
            tickets_entered=raffle.counts.valid,
            tickets_left=raffle.left,
            odds=OddsView.of(raffle),
            draw=_draw(newest) if newest else None,
            with_anchor=terms.with_anchor,
            anchor=AnchorView(**newest["anchor"]) if newest and newest["anchor"] else None,
            rules_version=newest["version"] if newest else None,
            rules_hash=hash_of(newest).hex() if newest else None,
            created_at=raffle.created_at,
            version=raffle.version,
        )


def _shown(value: Money | None) -> MoneyField | None:
    return None if value is None else MoneyField.of(value)


def _draw(rules: Json) -> DrawView:
    beacon: Any = rules["beacon"]
    due = beacon["genesis_time"] + (rules["round"] - 1) * beacon["period_seconds"]
    return DrawView(beacon=beacon["beacon_id"], round=rules["round"], at=datetime.fromtimestamp(due, tz=UTC))
