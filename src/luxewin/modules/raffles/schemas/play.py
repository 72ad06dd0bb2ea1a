"""What people declare and set for themselves."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Self

from pydantic import ConfigDict, Field, JsonValue, PastDate

from luxewin.kit.http.fields import Body, MoneyField, View
from luxewin.modules.raffles.domain.play import LONGEST_EXCLUSION_DAYS, ExclusionKind, Period, Player
from luxewin.modules.raffles.schemas.raffles import Territory

_AMOUNT: JsonValue = {"amount": 5000, "currency": "USD"}
_LIMIT: JsonValue = {"period": "week", "amount": _AMOUNT, "holds_from": "2026-11-20T12:00:00Z"}
_PLAYER: JsonValue = {
    "born_on": "1990-12-10",
    "territory": "GB",
    "limits": [_LIMIT],
    "excluded_until": None,
}


class PlayerBody(Body):
    """What somebody declares of themselves; what is missing stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"born_on": "1990-12-10", "territory": "GB"}]})

    born_on: PastDate | None = Field(default=None, description="Declared once; only the shop can correct it")
    territory: Territory | None = Field(default=None, description="Where they live, by ISO 3166")


class LimitBody(Body):
    """The most that somebody wants to spend on tickets; null lifts a limit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"period": "week", "amount": _AMOUNT}]})

    period: Period
    amount: MoneyField | None


class ExclusionBody(Body):
    """How long somebody wants to be kept from raffles; nobody can take it back, not even they."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "cool_off", "days": 7}]})

    kind: ExclusionKind
    days: int = Field(strict=True, ge=1, le=LONGEST_EXCLUSION_DAYS)


class LimitView(View):
    """A limit; it holds, or begins to hold."""

    period: Period
    amount: MoneyField | None
    holds_from: datetime


class PlayerView(View):
    """What is known of somebody who plays."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PLAYER]})

    born_on: date | None
    territory: str | None
    limits: list[LimitView] = Field(description="Those that hold, and those that begin later")
    excluded_until: datetime | None

    @classmethod
    def of(cls, player: Player, *, now: datetime) -> Self:
        """Shape what is known of somebody at this moment."""
        current: Mapping[Period, datetime] = {
            period: max(
                limit.holds_from for limit in player.limits if limit.period is period and limit.holds_from <= now
            )
            for period in player.in_force(now)
        }
        return cls(
            born_on=player.born_on,
            territory=player.territory,
            limits=[
                LimitView(
                    period=limit.period,
                    amount=MoneyField.of(limit.amount) if limit.amount else None,
                    holds_from=limit.holds_from,
                )
                for limit in sorted(player.limits, key=lambda limit: limit.holds_from)
                if limit.holds_from > now or current.get(limit.period) == limit.holds_from
            ],
            excluded_until=player.excluded_until,
        )
