"""Bodies and views of tenants."""

from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints

from luxewin.kit.countries import COUNTRIES
from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import SLUG_PATTERN, Body, Currency, ShortText, View
from luxewin.kit.http.limits import LARGEST_LIMIT, SHARED_LIMITS, scaled_limits
from luxewin.kit.http.patterns import Pattern
from luxewin.modules.tenants.domain import (
    FURTHEST_CLOCK,
    NUMBER_SETTINGS,
    RateLimit,
    Setting,
    Tenant,
    TenantChange,
    TenantStatus,
)

MAX_DOMAINS = 50
MAX_SETTINGS = 100

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_LAST_LABEL = r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
"""It begins with a letter: a host whose last label is a number is an IP address, in whatever notation."""
_LARGEST_SETTING = 2**53 - 1

TenantSlug = Annotated[
    str,
    StringConstraints(max_length=63),
    SLUG_PATTERN,
    Field(description="The tenant's short name, for the header `X-Tenant`; cannot be changed later"),
]
TenantName = ShortText
CurrencyCode = Annotated[
    Currency, Field(description="ISO 4217; cannot be changed later, because all amounts are in it")
]
_LOCALE_RULE = "must be a language, with or without a country of ISO 3166-1, such as en or de-AT"


def _validate_locale(text: str) -> str:
    country = text.partition("-")[2]
    if country and country not in COUNTRIES:
        raise ValueError(_LOCALE_RULE)
    return text


Locale = Annotated[
    str,
    StringConstraints(max_length=6),
    Pattern(r"^[a-z]{2,3}(-[A-Z]{2})?$", _LOCALE_RULE),
    AfterValidator(_validate_locale),
    Field(description="Such as `en` or `de-AT`"),
]
_HostName = Annotated[
    str,
    BeforeValidator(lambda value: value.strip().lower() if isinstance(value, str) else value),
    StringConstraints(max_length=253),
    Pattern(
        rf"^({_LABEL}\.)+{_LAST_LABEL}$",
        "must be a host name such as shop.example.com, without a port, a path, a wildcard or a dot at its end,"
        " and no IP address",
    ),
]
Domains = Annotated[
    list[_HostName], Field(max_length=MAX_DOMAINS, description="Host names under which the tenant is served, in ASCII")
]
_SettingName = Annotated[
    str,
    Pattern(
        r"^[a-z][a-z0-9_.]{0,63}$",
        "must begin with a letter and have at most 64 lower-case letters, digits, underscores and dots",
    ),
]
_SettingValue = (
    Annotated[bool, Field(strict=True)]
    | Annotated[int, Field(strict=True, ge=-_LARGEST_SETTING, le=_LARGEST_SETTING)]
    | Annotated[str, StringConstraints(strict=True, max_length=1000)]
)


def _validate_settings(settings: dict[str, Setting]) -> dict[str, Setting]:
    for name, setting in NUMBER_SETTINGS.items():
        if name in settings and not setting.accepts(settings[name]):
            raise ValueError(
                f"`{name}` must be a whole number from {setting.least} to {setting.most}, got {settings[name]!r}"
            )
    return settings


Settings = Annotated[
    dict[_SettingName, _SettingValue],
    AfterValidator(_validate_settings),
    Field(max_length=MAX_SETTINGS, description="Feature switches and values by name"),
]


class TenantPatch(Body):
    """Changes to a tenant; omitted fields stay unchanged."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Change name, domains and settings": {
                    "name": "Luxyhome",
                    "domains": ["shop.example.com"],
                    "settings": {"guest_checkout": True},
                },
                "Set the test clock one day ahead": {"clock_offset_seconds": 86400},
                "Suspend the shop": {"status": "suspended"},
            }
        )
    )

    name: TenantName | None = None
    locale: Locale | None = None
    status: TenantStatus | None = None
    domains: Domains | None = None
    settings: Settings | None = None
    clock_offset_seconds: (
        Annotated[
            int,
            Field(
                strict=True,
                ge=0,
                le=round(FURTHEST_CLOCK.total_seconds()),
                description="How far the tenant's time is ahead; outside production only",
            ),
        ]
        | None
    ) = None

    def changes(self) -> TenantChange:
        """Return the change for the domain."""
        seconds = self.clock_offset_seconds
        return TenantChange(
            name=self.name,
            locale=self.locale,
            status=self.status,
            domains=None if self.domains is None else tuple(self.domains),
            settings=self.settings,
            clock_offset=None if seconds is None else timedelta(seconds=seconds),
        )


class TenantView(View):
    """A tenant, for its administrators."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199a1b2-0000-7000-8000-000000000000",
                    "slug": "luxyhome",
                    "name": "Luxyhome",
                    "currency": "USD",
                    "locale": "en",
                    "status": "active",
                    "domains": ["shop.example.com"],
                    "settings": {"guest_checkout": True},
                    "clock_offset_seconds": 0,
                    "created_at": "2026-01-01T00:00:00Z",
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    slug: str
    name: str
    currency: str
    locale: str
    status: TenantStatus
    domains: list[str]
    settings: dict[str, Setting]
    clock_offset_seconds: int
    created_at: datetime
    version: int

    @classmethod
    def of(cls, tenant: Tenant) -> Self:
        """Return the view of a tenant."""
        return cls(
            id=tenant.id,
            slug=tenant.slug,
            name=tenant.name,
            currency=tenant.currency,
            locale=tenant.locale,
            status=tenant.status,
            domains=list(tenant.domains),
            settings=dict(tenant.settings),
            clock_offset_seconds=round(tenant.clock_offset.total_seconds()),
            created_at=tenant.created_at,
            version=tenant.version,
        )


class RateLimitPatch(Body):
    """Another rate limit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"requests_per_minute": 40}]})

    requests_per_minute: Annotated[int, Field(strict=True, ge=1, le=LARGEST_LIMIT)] | None = Field(
        description="Requests of one caller per minute; null for the default"
    )


class RateLimitView(View):
    """A rate limit of the installation."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "credentials",
                    "requests_per_minute": 40,
                    "default_requests_per_minute": 20,
                    "is_shared": True,
                    "version": 1,
                }
            ]
        }
    )

    name: str
    requests_per_minute: int = Field(description="Requests of one caller per minute")
    default_requests_per_minute: int = Field(description="The published limit, multiplied by `LUXEWIN_LIMIT_SCALE`")
    is_shared: bool = Field(description="True if all processes count together, false if each counts on its own")
    version: int = Field(description="0 until the first change")

    @classmethod
    def of(cls, limit: RateLimit, *, scale: float) -> Self:
        """Return the view of a rate limit; `scale` is the factor of the settings."""
        default = scaled_limits(scale)[limit.name]
        return cls(
            name=limit.name,
            requests_per_minute=limit.requests_per_minute or default,
            default_requests_per_minute=default,
            is_shared=limit.name in SHARED_LIMITS,
            version=limit.version,
        )


class RateLimitsView(View):
    """The rate limits of the installation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": []}]})

    data: list[RateLimitView]
