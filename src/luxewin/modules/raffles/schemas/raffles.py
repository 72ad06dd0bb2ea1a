"""Request and response bodies for raffles."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from luxewin.kit.countries import COUNTRIES
from luxewin.kit.errors import InvalidInput
from luxewin.kit.http.fields import Body, Instant, LongText, MoneyField, PriceField, ShortText, View
from luxewin.kit.http.patterns import Pattern
from luxewin.kit.http.read_only import Replacement
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
    details_of,
)
from luxewin.modules.raffles.errors import CurrencyNotSold
from luxewin.modules.raffles.schemas.raffle_parts import AnchorView, DrawView, OddsView

_TERRITORY_RULE = "must be a country of ISO 3166-1 or one of its regions, such as GB or US-NY"


def _validate_territory(text: str) -> str:
    if text.partition("-")[0] not in COUNTRIES:
        raise ValueError(_TERRITORY_RULE)
    return text


Territory = Annotated[
    str, Pattern(r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", _TERRITORY_RULE), AfterValidator(_validate_territory)
]
"""ISO 3166: an existing country, or one of its subdivisions."""

_MAX_YEAR = 2199


def _must_be_computable(time: datetime) -> datetime:
    if time.year > _MAX_YEAR:
        raise ValueError(f"must be in the year {_MAX_YEAR} or earlier, got {time.year}")
    return time


Closing = Annotated[Instant, AfterValidator(_must_be_computable)]
"""A time early enough for computing rounds, time zones and database timestamps from it without overflow."""

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
    "tickets_held": 2,
    "tickets_left": 378,
    "odds": {"now": {"prizes": 1, "tickets": 121}, "at_worst": {"prizes": 1, "tickets": 500}},
    "draw": {"beacon": "quicknet", "round": 41000000, "at": "2026-12-24T18:10:00Z"},
    "with_anchor": False,
    "anchor": None,
    "rules_version": 1,
    "rules_hash": _RULES_HASH,
    "details": {"description": "One chair.", "prizes": [], "claim_days": 14, "skill_question": None},
    "created_at": "2026-11-20T12:00:00Z",
    "version": 2,
}


class PrizeBody(Replacement):
    """A prize; prizes are drawn in the order of the list."""

    model_config = ConfigDict(json_schema_extra={"examples": _PRIZES})

    read_only: ClassVar[frozenset[str]] = frozenset({"position"})
    name: ShortText
    value: PriceField | None = Field(default=None, description="Its worth")
    variant_id: UUID | None = Field(
        default=None,
        description="A product variant: held in stock from publication on, and shipped to the winner",
    )

    @property
    def prize(self) -> Prize:
        """The prize as a value of the domain; a product variant gets the id of its order here."""
        order_id = None if self.variant_id is None else new_id()
        return Prize(self.name, self.value.money if self.value else None, self.variant_id, order_id)


class SkillQuestionBody(Body):
    """A question that every buyer must answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "What is 6 × 7?", "answer": "42"}]})

    question: ShortText
    answer: ShortText = Field(description="Compared ignoring case and white space; never returned")


class RaffleBody(Replacement):
    """The terms of a raffle; they can be changed until it is published."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NEW_RAFFLE]})

    read_only: ClassVar[frozenset[str]] = frozenset(
        {
            "id",
            "status",
            "tickets_entered",
            "tickets_held",
            "tickets_left",
            "odds",
            "draw",
            "anchor",
            "rules_version",
            "rules_hash",
            "details",
        }
        | {"created_at", "version"}
    )
    title: ShortText
    description: LongText = ""
    ticket_price: PriceField
    capacity: int = Field(strict=True, ge=1, le=MOST_TICKETS, description="Maximum number of tickets")
    per_person_limit: int | None = Field(default=None, strict=True, ge=1, le=MOST_TICKETS)
    one_prize_per_person: bool = Field(default=True, strict=True)
    prizes: list[PrizeBody] = Field(min_length=1, max_length=MOST_PRIZES)
    reserve_winners: int = Field(default=3, strict=True, ge=0, le=MOST_PRIZES)
    closes_at: Closing = Field(description="Fractions of a second are dropped")
    closes_when_sold_out: bool = Field(default=False, strict=True)
    draw_delay_seconds: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=30 * _DAY_SECONDS,
        description="From the closing time to the round that decides; if missing, the least that the beacon allows",
    )
    minimum_age: int | None = Field(default=None, strict=True, ge=1, le=120, description="In whole years")
    territories: list[Territory] | None = Field(
        default=None, min_length=1, max_length=300, description="ISO 3166: a country includes its subdivisions"
    )
    free_entry: bool = Field(
        default=False, strict=True, description="Whether entries by post are free; staff record them"
    )
    skill_question: SkillQuestionBody | ShortText | None = Field(
        default=None, description="With its answer; its text alone, as in responses, if question and answer stay"
    )
    with_anchor: bool = Field(
        default=False,
        strict=True,
        description="Whether hashes of its rules and entries are written to a chain",
    )
    claim_days: int = Field(
        default=CLAIM_DAYS, strict=True, ge=1, le=366, description="Number of days that a winner has to claim a prize"
    )

    def terms(self, *, currency: str, chain: Chain, before: Terms | None = None) -> Terms:
        """Return the terms as a value of the domain; `before` are the terms that they replace.

        Raises:
            CurrencyNotSold: a price is not in the shop's currency.
            InvalidInput: a skill question has no answer.
        """
        self._must_be_in(currency)
        needs_no_delay = chain.is_local and not self.with_anchor
        default_delay = LOCAL_DELAY_SECONDS if needs_no_delay else LEAST_DELAY_SECONDS
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
            draw_delay_seconds=default_delay if self.draw_delay_seconds is None else self.draw_delay_seconds,
            minimum_age=self.minimum_age,
            territories=self.territories,
            free_entry=self.free_entry,
            skill=self._skill(before.skill if before else None),
            claim_days=self.claim_days,
            with_anchor=self.with_anchor,
        )

    def must_agree_with(self, stored: "RaffleView | None") -> None:
        """Check that the read-only fields of the raffle and of its prizes are unchanged; None: it is a new raffle.

        Raises:
            PreconditionFailed, InvalidInput: a field differs.
        """
        self.must_agree(stored)
        prizes = stored.prizes if stored else []
        for index, prize in enumerate(self.prizes):
            prize.must_agree(prizes[index] if index < len(prizes) else None, at=f"/prizes/{index}")

    def _skill(self, before: SkillQuestion | None) -> SkillQuestion | None:
        match self.skill_question:
            case None:
                return None
            case SkillQuestionBody(question=question, answer=answer):
                return SkillQuestion.of(question, answer)
            case question:
                if before is None or before.question != question:
                    raise InvalidInput("Give the skill question with its answer", pointer="/skill_question")
                return before

    def _must_be_in(self, currency: str) -> None:
        if self.ticket_price.currency != currency:
            raise _currency_error(currency, self.ticket_price.currency, pointer="/ticket_price/currency")
        for index, prize in enumerate(self.prizes):
            if prize.value is not None and prize.value.currency != currency:
                raise _currency_error(currency, prize.value.currency, pointer=f"/prizes/{index}/value/currency")


class RescheduleBody(Body):
    """The new closing time of a raffle."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"closes_at": "2026-12-31T18:00:00Z"}]})

    closes_at: Closing = Field(
        description="Later than the current one, at most 366 days after the first; fractions of a second are dropped"
    )


class PrizeView(View):
    """A prize of a raffle."""

    position: int
    name: str
    value: MoneyField | None
    variant_id: UUID | None


class RaffleView(View):
    """A raffle with its current odds."""

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
    tickets_entered: int = Field(description="Valid tickets: paid and not refunded")
    tickets_held: int = Field(description="Reserved by orders that are not paid; not entered")
    tickets_left: int
    odds: OddsView
    draw: DrawView | None = Field(description="Null until it is published")
    with_anchor: bool
    anchor: AnchorView | None = Field(description="Null until it is published, or if it promises no anchor")
    rules_version: int | None = Field(description="Null until it is published; above 1 if it was rescheduled")
    rules_hash: str | None = Field(description="SHA-256 of the newest rules in canonical JSON")
    details: dict[str, Any] | None = Field(
        description="What buyers are promised beside the rules, whose `details_hash` is its SHA-256 in canonical JSON;"
        " null until it is published"
    )
    created_at: datetime
    version: int

    @classmethod
    def of(cls, raffle: Raffle, rules: Sequence[Json]) -> Self:
        """Return the response for a raffle with all versions of its rules, oldest first."""
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
                PrizeView(position=position, name=prize.name, value=_money(prize.value), variant_id=prize.variant_id)
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
            tickets_held=raffle.counts.held,
            tickets_left=raffle.left,
            odds=OddsView.of(raffle),
            draw=DrawView.of(newest) if newest else None,
            with_anchor=terms.with_anchor,
            anchor=AnchorView(**newest["anchor"]) if newest and newest["anchor"] else None,
            rules_version=newest["version"] if newest else None,
            rules_hash=hash_of(newest).hex() if newest else None,
            details=details_of(terms) if newest and "details_hash" in newest else None,
            created_at=raffle.created_at,
            version=raffle.version,
        )


def _money(value: Money | None) -> MoneyField | None:
    return None if value is None else MoneyField.of(value)


def _currency_error(expected: str, found: str, *, pointer: str) -> CurrencyNotSold:
    return CurrencyNotSold(f"The price must be in {expected}, the shop's currency, got {found}", pointer=pointer)
