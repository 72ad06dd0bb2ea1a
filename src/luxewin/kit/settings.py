"""Settings: one immutable object, read from the environment once and validated before anything starts.

Each variable is declared once, as a field, with its meaning and its remedy; the table of the documentation is rendered
from the declarations. Each part of the program receives only its group of settings.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, PrivateAttr, SecretStr, ValidationError

from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.http.settings import HttpSettings
from luxewin.kit.networks import too_wide
from luxewin.kit.observability.settings import MonitoringSettings
from luxewin.kit.startup import StartupError
from luxewin.kit.variables import (
    SECONDS,
    Group,
    describe_invalid,
    describe_unknown,
    group_values,
    list_variables,
    table,
    variable,
)

G = TypeVar("G", bound=Group)
PREFIX = "LUXEWIN_"
MASTER_KEY_BYTES = 32


class SettingsError(StartupError):
    """Invalid settings: one line for each, with the remedy."""


class Environment(StrEnum):
    """The environment of the program; production rejects unsafe settings."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"
    TEST = "test"


_SLUG = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
_EMAIL = r"^[^@\s]{1,64}@[^@\s]{1,253}\.[^@\s.]{2,63}$"
_STANDARD_ALPHABET = str.maketrans("-_", "+/")


def _resolve_path(path: Path) -> Path:
    if not str(path).isprintable():
        raise ValueError("it contains characters that are not printable")
    try:
        return path.expanduser().resolve()
    except (OSError, RuntimeError):
        raise ValueError("it cannot be resolved") from None


def _parse_url(url: Any) -> Any:
    return DatabaseAddress.parse(url) if isinstance(url, str) else url


def _validate_key(text: SecretStr) -> SecretStr:
    if len(master_key_bytes(text)) != MASTER_KEY_BYTES:
        raise ValueError("it is not 32 bytes in base64")
    return text


class DatabaseSettings(Group):
    """The PostgreSQL server, and the sizes and timeouts of its pools."""

    address: Annotated[DatabaseAddress, BeforeValidator(_parse_url)] | None = variable(
        "LUXEWIN_DATABASE_URL",
        None,
        secret=True,
        displayed_default="the embedded server",
        meaning="PostgreSQL 15 or later to use instead of the embedded one, with a role that may create roles: "
        "`postgresql://user:password@host:5432/database?sslmode=require`.",
        remedy="give postgresql://user:password@host:5432/database",
    )
    app_password: SecretStr | None = variable(
        "LUXEWIN_DATABASE_APP_PASSWORD",
        None,
        secret=True,
        displayed_default="derived from the master key",
        meaning="Password of the application's login role, if it is not to be derived.",
        remedy="give the password of the application's login role",
    )
    system_password: SecretStr | None = variable(
        "LUXEWIN_DATABASE_SYSTEM_PASSWORD",
        None,
        secret=True,
        displayed_default="derived from the master key",
        meaning="Password of the system's login role, if it is not to be derived.",
        remedy="give the password of the system's login role",
    )
    pool_size: int = variable(
        "LUXEWIN_DATABASE_POOL_SIZE",
        16,
        meaning="Largest number of connections of a process with the application's role.",
        remedy="give a whole number from 1 to 500",
        ge=1,
        le=500,
    )
    system_pool_size: int = variable(
        "LUXEWIN_DATABASE_SYSTEM_POOL_SIZE",
        4,
        meaning="Largest number of connections of a process with the system's role.",
        remedy="give a whole number from 1 to 100",
        ge=1,
        le=100,
    )
    pool_wait_seconds: float = variable(
        "LUXEWIN_DATABASE_POOL_WAIT_SECONDS",
        1.0,
        meaning="Timeout for a free connection.",
        remedy=SECONDS,
        gt=0,
        le=60,
    )
    statement_timeout_seconds: float = variable(
        "LUXEWIN_DATABASE_STATEMENT_TIMEOUT_SECONDS",
        3.0,
        meaning="Time after which a statement is cancelled.",
        remedy=SECONDS,
        gt=0,
        le=3600,
    )
    lock_timeout_seconds: float = variable(
        "LUXEWIN_DATABASE_LOCK_TIMEOUT_SECONDS",
        1.0,
        meaning="Timeout for a row that is locked by another transaction.",
        remedy=SECONDS,
        gt=0,
        le=3600,
    )


class AdminSettings(Group):
    """The first super admin, created at the first start and never changed by a later one."""

    email: str | None = variable(
        "LUXEWIN_ADMIN_EMAIL",
        None,
        displayed_default="generated in development",
        meaning="E-mail address of the first super admin. Production requires it.",
        remedy="give an e-mail address, such as owner@example.com",
        pattern=_EMAIL,
    )
    password: SecretStr | None = variable(
        "LUXEWIN_ADMIN_PASSWORD",
        None,
        secret=True,
        displayed_default="generated and printed in development",
        meaning="Password of the first super admin, 8 to 256 characters. Production requires it.",
        remedy="give 8 to 256 characters",
        min_length=8,
        max_length=256,
    )


class LimitSettings(Group):
    """The scale of the published rate limits."""

    scale: float = variable(
        "LUXEWIN_LIMIT_SCALE",
        1.0,
        outside_production="1000",
        displayed_default="`1000`, in production `1`",
        meaning="Factor by which every published rate limit is multiplied, so that a load test from one address can "
        "run. Production requires 1 or less.",
        remedy="give a number above 0, such as 1 or 0.5",
        gt=0,
        le=1_000_000,
    )


class Settings(Group):
    """All settings, in groups; immutable, and `repr` shows no secret."""

    environment: Environment = variable(
        "LUXEWIN_ENV",
        Environment.DEVELOPMENT,
        meaning="`development`, `production` or `test`. Production refuses to start with unsafe settings.",
        remedy="give development, production or test",
    )
    data_dir: Annotated[Path, AfterValidator(_resolve_path)] = variable(
        "LUXEWIN_DATA_DIR",
        Path("var"),
        meaning="Folder of all stored data: the embedded database, secrets, media, logs. Several instances run side "
        "by side with different folders and ports.",
        remedy="give the path of a folder",
    )
    default_tenant: str = variable(
        "LUXEWIN_DEFAULT_TENANT",
        "luxyhome",
        meaning="Tenant of requests whose host and `X-Tenant` name none.",
        remedy="give the slug of a tenant: lower-case letters, digits and hyphens, such as luxyhome",
        pattern=_SLUG,
    )
    master_key: Annotated[SecretStr, AfterValidator(_validate_key)] | None = variable(
        "LUXEWIN_MASTER_KEY",
        None,
        secret=True,
        displayed_default="generated in the data folder",
        meaning="Key of all encrypted data: 32 bytes in base64. Production requires it together with "
        "`LUXEWIN_DATABASE_URL`, because all machines must have the same key.",
        remedy="give 32 bytes in base64, made by `openssl rand -base64 32`",
    )
    crash_points: Annotated[Path, AfterValidator(_resolve_path)] | None = variable(
        "LUXEWIN_CRASH_POINTS",
        None,
        displayed_default="none",
        meaning="Folder in which tests arm a crash point, at which a process kills itself. Refused outside of "
        "`LUXEWIN_ENV=test`.",
        remedy="unset it",
    )
    http: HttpSettings
    database: DatabaseSettings
    admin: AdminSettings
    limits: LimitSettings
    monitoring: MonitoringSettings

    _extended: dict[type[Group], Group] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, environ: Mapping[str, str], extensions: Sequence["SettingsExtension"] = ()) -> Self:
        """Read every `LUXEWIN_…` variable; an empty one counts as absent, others are ignored.

        Raises:
            SettingsError: a variable is unknown, has a value that cannot be used, or is unsafe in production.
        """
        given = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX) and value.strip()}
        groups = [group for extension in extensions for group in extension.all_groups]
        faults = describe_unknown([cls, *groups], given, prefix=PREFIX)
        is_production = given.get("LUXEWIN_ENV") == Environment.PRODUCTION
        settings, invalid_lines = _validate(cls, given, is_production=is_production)
        faults += invalid_lines
        extended: dict[type[Group], Group] = {}
        for group in groups:
            validated, invalid_lines = _validate(group, given, is_production=is_production)
            faults += invalid_lines
            if validated is not None:
                extended[group] = validated
        if settings is None or len(extended) < len(groups):
            raise SettingsError("\n".join(faults))
        settings._extended.update(extended)  # noqa: SLF001 - of this class itself
        faults += [
            *_find_unsafe(settings),
            *(fault for extension in extensions for fault in extension.faults(settings)),
        ]
        if faults:
            raise SettingsError("\n".join(faults))
        return settings

    def of(self, group: type[G]) -> G:
        """Return a group of settings that an extension declares.

        Without that extension the group has its defaults: `load` would have rejected a variable of the group.
        """
        found = self._extended.get(group)
        if isinstance(found, group):
            return found
        return group.model_validate(group_values(group, _defaults(group, is_production=self.is_production)))

    @property
    def is_production(self) -> bool:
        """True if this is a production environment."""
        return self.environment is Environment.PRODUCTION


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsExtension:
    """The requirements of a module on an installation, in addition to those of the program.

    `providers` are the groups of its providers by title, each documented in a table of its own; `faults` yields one
    line for each setting that the program must not start with. `login_roles` are further login roles of the database:
    the group role of each, by its purpose.
    """

    groups: Sequence[type[Group]] = ()
    providers: Mapping[str, type[Group]] = field(default_factory=dict)
    faults: Callable[[Settings], Iterable[str]] = lambda _settings: ()
    login_roles: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_groups(self) -> Sequence[type[Group]]:
        """Every group, those of providers last."""
        return [*self.groups, *self.providers.values()]


def format_settings_table(extensions: Sequence[SettingsExtension] = ()) -> str:
    """Return the table of the variables in Markdown, without those of providers: name, default and meaning."""
    return table(Settings, *(group for extension in extensions for group in extension.groups))


def format_provider_tables(extensions: Sequence[SettingsExtension]) -> str:
    """Return a titled table in Markdown for each provider that has variables."""
    groups = [item for extension in extensions for item in extension.providers.items()]
    return "\n".join(f"**{title}**\n\n{table(group)}" for title, group in groups if list_variables(group))


def master_key_bytes(text: SecretStr) -> bytes:
    """Return the bytes of a key in base64; empty if it is not base64."""
    try:
        return base64.b64decode(text.get_secret_value().translate(_STANDARD_ALPHABET), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _validate(kind: type[G], given: Mapping[str, str], *, is_production: bool) -> tuple[G | None, list[str]]:
    """Return the settings, or one line for each variable whose value cannot be used."""
    try:
        values = {**_defaults(kind, is_production=is_production), **given}
        return kind.model_validate(group_values(kind, values)), []
    except ValidationError as error:
        return None, describe_invalid(kind, given, error)


def _defaults(kind: type[Group], *, is_production: bool) -> dict[str, str]:
    """Return the defaults that apply outside of production only."""
    variables = () if is_production else list_variables(kind).values()
    return {known.name: known.outside_production for known in variables if known.outside_production is not None}


def _find_unsafe(settings: Settings) -> Iterator[str]:
    """Yield one line for each setting that this environment must not run with."""
    if settings.crash_points is not None and settings.environment is not Environment.TEST:
        yield "LUXEWIN_CRASH_POINTS: it makes processes kill themselves, which is for tests only; unset it"
    if not settings.is_production:
        return
    if settings.admin.email is None:
        yield "LUXEWIN_ADMIN_EMAIL: production has no default account; give the first super admin's e-mail address"
    if settings.admin.password is None:
        yield "LUXEWIN_ADMIN_PASSWORD: production generates no password; give the first super admin's password"
    if not (settings.http.public_url or "").startswith("https://"):
        yield "LUXEWIN_PUBLIC_URL: production requires https; give an address such as https://shop.example.com"
    if settings.database.address is not None and settings.master_key is None:
        yield (
            "LUXEWIN_MASTER_KEY: with LUXEWIN_DATABASE_URL every machine must have the same key; "
            "give 32 bytes in base64, made by `openssl rand -base64 32`, and keep a copy"
        )
    for network in too_wide(settings.http.trusted_proxies):
        yield (
            f"LUXEWIN_TRUSTED_PROXIES: it contains {network}, and whoever connects from there could claim any address "
            "and https; give the addresses of the proxies alone, such as 10.1.2.3/32"
        )
    for network in too_wide(settings.monitoring.metrics_from):
        yield (
            f"LUXEWIN_METRICS_FROM: it contains {network}, and whoever connects from there could read what the shops "
            "sell; give the addresses of the machines that collect metrics, such as 10.1.2.4/32"
        )
    if settings.limits.scale > 1:
        scale = settings.limits.scale
        yield f"LUXEWIN_LIMIT_SCALE: production keeps its published limits, got {scale:g}; give 1 or less"
