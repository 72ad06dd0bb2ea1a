"""Request and response bodies for responsible gaming."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar, Self

from pydantic import ConfigDict, Field, JsonValue, PastDate

from luxewin.kit.http.fields import Body, MoneyField, View
from luxewin.kit.http.read_only import Replacement
from luxewin.modules.raffles.domain.responsible_gaming import MAX_EXCLUSION_DAYS, ExclusionKind, Participant, Period
from luxewin.modules.raffles.schemas.raffles import Territory

_AMOUNT: JsonValue = {"amount": 5000, "currency": "USD"}
_LIMIT: JsonValue = {"period": "week", "amount": _AMOUNT, "holds_from": "2026-11-20T12:00:00Z"}
_PARTICIPANT: JsonValue = {
    "born_on": "1990-12-10",
    "territory": "GB",
    "limits": [_LIMIT],
    "excluded_until": None,
}


class ParticipantBody(Replacement):
    """A participant's declaration; a missing field leaves the stored value unchanged."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"born_on": "1990-12-10", "territory": "GB"}]})

    read_only: ClassVar[frozenset[str]] = frozenset({"limits", "excluded_until"})
    born_on: PastDate | None = Field(default=None, description="Date of birth; can be declared only once")
    territory: Territory | None = Field(default=None, description="Territory of residence, by ISO 3166")


class LimitBody(Body):
    """A spending limit; an `amount` of null removes the limit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"period": "week", "amount": _AMOUNT}]})

    period: Period
    amount: MoneyField | None


class ExclusionBody(Body):
    """An exclusion from all raffles; nobody can end it earlier, not even the participant."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "cool_off", "days": 7}]})

    kind: ExclusionKind
    days: int = Field(strict=True, ge=1, le=MAX_EXCLUSION_DAYS)


class LimitView(View):
    """A spending limit that applies now, or from `holds_from` on."""

    period: Period
    amount: MoneyField | None
    holds_from: datetime


class ParticipantView(View):
    """A participant's declarations, spending limits and exclusion."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PARTICIPANT]})

    born_on: date | None
    territory: str | None
    limits: list[LimitView] = Field(description="Limits that apply now, and limits that will apply later")
    excluded_until: datetime | None

    @classmethod
    def of(cls, participant: Participant, *, now: datetime) -> Self:
        """Return the response for a participant."""
        current: Mapping[Period, datetime] = {
            period: max(
                limit.holds_from for limit in participant.limits if limit.period is period and limit.holds_from <= now
            )
            for period in participant.in_force(now)
        }
        return cls(
            born_on=participant.born_on,
            territory=participant.territory,
            limits=[
                LimitView(
                    period=limit.period,
                    amount=MoneyField.of(limit.amount) if limit.amount else None,
                    holds_from=limit.holds_from,
                )
                for limit in sorted(participant.limits, key=lambda limit: limit.holds_from)
                if limit.holds_from > now or current.get(limit.period) == limit.holds_from
            ],
            excluded_until=participant.excluded_until,
        )
