"""Settings: one frozen object, read from the environment once, checked before anything starts.

Each variable is declared once, as a field below, with its meaning and its remedy; the documentation's table is rendered
from these declarations. A group is what one part of the program is handed, so that no part sees everything.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError

from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.observability.settings import MonitoringSettings
from luxewin.kit.startup import StartupRefused
from luxewin.kit.variables import Group, grouped, misgiven, table, unknown, variable

PREFIX = "LUXEWIN_"
MASTER_KEY_BYTES = 32


class SettingsError(StartupRefused):
    """The environment holds settings that cannot be used; one line for each of them, with the remedy."""


class Environment(StrEnum):
    """How much the program may assume about the world around it."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"
    TEST = "test"


_PROFILES: Mapping[str, Mapping[str, str]] = {
    Environment.DEVELOPMENT: {"LUXEWIN_LIMIT_SCALE": "1000"},
    Environment.TEST: {"LUXEWIN_LIMIT_SCALE": "1000"},
}
"""What an environment sets where the variable itself is absent."""

_SLUG = r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"
_EMAIL = r"^[^@\s]{1,64}@[^@\s]{1,253}\.[^@\s.]{2,63}$"
_STANDARD_ALPHABET = str.maketrans("-_", "+/")
_SECONDS = "give a number of seconds above 0, such as 1 or 2.5"


def _absolute(path: Path) -> Path:
    if not str(path).isprintable():
        raise ValueError("it holds characters that cannot be printed")
    try:
        return path.expanduser().resolve()
    except (OSError, RuntimeError):
        raise ValueError("it leads nowhere") from None


def _parsed(url: Any) -> Any:
    return DatabaseAddress.parse(url) if isinstance(url, str) else url


def _listed(networks: Any) -> Any:
    return [part.strip() for part in networks.split(",") if part.strip()] if isinstance(networks, str) else networks


def _key(text: SecretStr) -> SecretStr:
    if len(master_key_bytes(text)) != MASTER_KEY_BYTES:
        raise ValueError("it is not 32 bytes in base64")
    return text


def _origin(url: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+/?", url):
        raise ValueError("it is no address of a site")
    return url.rstrip("/")


class HttpSettings(Group):
    """How the API is served."""

    host: str = variable(
        "LUXEWIN_HOST",
        "127.0.0.1",
        meaning="Address to listen on; `0.0.0.0` for every IPv4 address of the machine, `::` for IPv6 as well.",
        remedy="give an address of this machine, such as 127.0.0.1 or 0.0.0.0",
        pattern=r"^[A-Za-z0-9.:\-]+$",
    )
    port: int = variable(
        "LUXEWIN_PORT",
        8000,
        meaning="Port to listen on; `0` takes any free one and prints it.",
        remedy="give a whole number from 0 to 65535",
        ge=0,
        le=65535,
    )
    processes: int = variable(
        "LUXEWIN_PROCESSES",
        1,
        meaning="Number of API processes that share the port; about one for each processor core.",
        remedy="give a whole number from 1 to 64",
        ge=1,
        le=64,
    )
    public_url: Annotated[str, AfterValidator(_origin)] | None = variable(
        "LUXEWIN_PUBLIC_URL",
        None,
        shown="host and port of this machine",
        meaning="Address under which people reach the program, used in e-mails and links. Production demands https.",
        remedy="give an address without a path, such as https://shop.example.com",
    )
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_listed)] = variable(
        "LUXEWIN_TRUSTED_PROXIES",
        (),
        shown="none",
        meaning="Networks, separated by commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.",
        remedy="give networks separated by commas, such as 10.0.0.0/8,192.168.1.5/32",
    )
    allowed_origins: Annotated[frozenset[Annotated[str, AfterValidator(_origin)]], BeforeValidator(_listed)] = variable(
        "LUXEWIN_ALLOWED_ORIGINS",
        frozenset(),
        shown="none",
        meaning="Web sites, separated by commas, whose pages may call the API from a browser (CORS).",
        remedy="give addresses separated by commas, such as https://www.example.com,https://admin.example.com",
    )
    max_body_bytes: int = variable(
        "LUXEWIN_MAX_BODY_BYTES",
        1_048_576,
        meaning="Largest request body that is read, in bytes; uploads have a limit of their own.",
        remedy="give a whole number of bytes from 1024 to 104857600",
        ge=1024,
        le=104_857_600,
    )
    max_upload_bytes: int = variable(
        "LUXEWIN_MAX_UPLOAD_BYTES",
        67_108_864,
        meaning="Largest file that an import or a media upload may bring, in bytes.",
        remedy="give a whole number of bytes from 1024 to 10737418240",
        ge=1024,
        le=10_737_418_240,
    )
    deadline_seconds: float = variable(
        "LUXEWIN_DEADLINE_SECONDS",
        10.0,
        meaning="Time after which a request is given up with 503.",
        remedy=_SECONDS,
        gt=0,
        le=600,
    )
    keep_alive_seconds: int = variable(
        "LUXEWIN_KEEP_ALIVE_SECONDS",
        75,
        meaning="Time that a connection may lie idle before the program hangs up; more than the balancer or client in "
        "front of it waits (60 is common), so that none sends into a connection that is just being closed.",
        remedy="give a whole number of seconds from 1 to 3600",
        ge=1,
        le=3600,
    )
    most_connections: int = variable(
        "LUXEWIN_CONNECTIONS",
        2000,
        meaning="Most connections of clients that one process keeps open; one more is answered with 503 and closed.",
        remedy="give a whole number from 10 to 100000",
        ge=10,
        le=100_000,
    )
    most_waiting: int = variable(
        "LUXEWIN_WAITING",
        100,
        meaning="Most requests of one kind that wait for their turn in one process; one more is refused with 503.",
        remedy="give a whole number from 1 to 10000",
        ge=1,
        le=10_000,
    )
    drain_seconds: float = variable(
        "LUXEWIN_DRAIN_SECONDS",
        30.0,
        meaning="Time that requests in flight are given to finish when the program is told to stop.",
        remedy=_SECONDS,
        gt=0,
        le=600,
    )

    @property
    def base_url(self) -> str:
        """The address that people reach, without a slash at its end."""
        return self.public_url or f"http://{_reachable(self.host)}:{self.port}"


class DatabaseSettings(Group):
    """Which PostgreSQL, and how long anything may wait for it."""

    address: Annotated[DatabaseAddress, BeforeValidator(_parsed)] | None = variable(
        "LUXEWIN_DATABASE_URL",
        None,
        secret=True,
        shown="the embedded server",
        meaning="A PostgreSQL ≥ 15 to use instead of the embedded one, as a role that may create roles: "
        "`postgresql://user:password@host:5432/database?sslmode=require`.",
        remedy="give postgresql://user:password@host:5432/database",
    )
    app_password: SecretStr | None = variable(
        "LUXEWIN_DATABASE_APP_PASSWORD",
        None,
        secret=True,
        shown="derived from the master key",
        meaning="Password of the application's login role, where it must be this one.",
        remedy="give the password of the application's login role",
    )
    system_password: SecretStr | None = variable(
        "LUXEWIN_DATABASE_SYSTEM_PASSWORD",
        None,
        secret=True,
        shown="derived from the master key",
        meaning="Password of the system's login role, where it must be this one.",
        remedy="give the password of the system's login role",
    )
    pool_size: int = variable(
        "LUXEWIN_DATABASE_POOL_SIZE",
        16,
        meaning="Most connections that one process keeps open as the application's role.",
        remedy="give a whole number from 1 to 500",
        ge=1,
        le=500,
    )
    system_pool_size: int = variable(
        "LUXEWIN_DATABASE_SYSTEM_POOL_SIZE",
        4,
        meaning="Most connections that one process keeps open as the system's role.",
        remedy="give a whole number from 1 to 100",
        ge=1,
        le=100,
    )
    pool_wait_seconds: float = variable(
        "LUXEWIN_DATABASE_POOL_WAIT_SECONDS",
        1.0,
        meaning="Time that a request waits for a free connection.",
        remedy=_SECONDS,
        gt=0,
        le=60,
    )
    statement_timeout_seconds: float = variable(
        "LUXEWIN_DATABASE_STATEMENT_TIMEOUT_SECONDS",
        3.0,
        meaning="Time after which a statement is cancelled.",
        remedy=_SECONDS,
        gt=0,
        le=3600,
    )
    lock_timeout_seconds: float = variable(
        "LUXEWIN_DATABASE_LOCK_TIMEOUT_SECONDS",
        1.0,
        meaning="Time that a statement waits for a row that another transaction holds.",
        remedy=_SECONDS,
        gt=0,
        le=3600,
    )


class AdminSettings(Group):
    """The first super admin, created at the first start and never changed by a later one."""

    email: str | None = variable(
        "LUXEWIN_ADMIN_EMAIL",
        None,
        shown="made up in development",
        meaning="E-mail address of the first super admin. Production demands it.",
        remedy="give an e-mail address, such as owner@example.com",
        pattern=_EMAIL,
    )
    password: SecretStr | None = variable(
        "LUXEWIN_ADMIN_PASSWORD",
        None,
        secret=True,
        shown="made up and printed in development",
        meaning="Password of the first super admin, 8 to 256 characters. Production demands it.",
        remedy="give 8 to 256 characters",
        min_length=8,
        max_length=256,
    )


class LimitSettings(Group):
    """How far the published rate limits are stretched."""

    scale: float = variable(
        "LUXEWIN_LIMIT_SCALE",
        1.0,
        shown="`1000`, in production `1`",
        meaning="Factor by which every published rate limit is multiplied, so that a load test from one address can "
        "run. Production demands 1 or less.",
        remedy="give a number above 0, such as 1 or 0.5",
        gt=0,
        le=1_000_000,
    )


class Settings(Group):
    """Everything the environment decides, in groups; immutable, and silent about secrets when printed."""

    environment: Environment = variable(
        "LUXEWIN_ENV",
        Environment.DEVELOPMENT,
        meaning="`development`, `production` or `test`. Production refuses to start with unsafe settings.",
        remedy="give development, production or test",
    )
    data_dir: Annotated[Path, AfterValidator(_absolute)] = variable(
        "LUXEWIN_DATA_DIR",
        Path("var"),
        meaning="Folder of everything that is kept: the embedded database, secrets, media, logs. Several instances "
        "with folders and ports of their own run side by side.",
        remedy="give the path of a folder",
    )
    default_tenant: str = variable(
        "LUXEWIN_DEFAULT_TENANT",
        "luxyhome",
        meaning="Tenant that answers where neither the host nor `X-Tenant` names one.",
        remedy="give a tenant's short name: small letters, digits and hyphens, such as luxyhome",
        pattern=_SLUG,
    )
    master_key: Annotated[SecretStr, AfterValidator(_key)] | None = variable(
        "LUXEWIN_MASTER_KEY",
        None,
        secret=True,
        shown="generated in the data folder",
        meaning="Key of everything that is stored encrypted: 32 bytes in base64. Production demands it where "
        "`LUXEWIN_DATABASE_URL` is set, because every machine must hold the same.",
        remedy="give 32 bytes in base64, made by `openssl rand -base64 32`",
    )
    http: HttpSettings
    database: DatabaseSettings
    admin: AdminSettings
    limits: LimitSettings
    monitoring: MonitoringSettings

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """Read every `LUXEWIN_…` variable; an empty one counts as absent, others are not looked at.

        Raises:
            SettingsError: a variable is unknown, has a value that cannot be used, or is unsafe in production.
        """
        given = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX) and value.strip()}
        faults = unknown(cls, given, prefix=PREFIX)
        profile = _PROFILES.get(given.get("LUXEWIN_ENV", Environment.DEVELOPMENT), {})
        try:
            settings = cls.model_validate(grouped(cls, {**profile, **given}))
        except ValidationError as error:
            raise SettingsError("\n".join(faults + misgiven(cls, given, error))) from None
        faults += _unsafe(settings)
        if faults:
            raise SettingsError("\n".join(faults))
        return settings

    @property
    def is_production(self) -> bool:
        """Whether real people and real money may be on the other side."""
        return self.environment is Environment.PRODUCTION


def documented_table() -> str:
    """Return the table of every variable in Markdown, for the documentation: its name, default and meaning."""
    return table(Settings)


def master_key_bytes(text: SecretStr) -> bytes:
    """Return the bytes that a key in base64 stands for; none where it is not base64."""
    try:
        return base64.b64decode(text.get_secret_value().translate(_STANDARD_ALPHABET), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _reachable(host: str) -> str:
    """Return an address that reaches a server which listens on `host`, as it stands in a URL."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return "127.0.0.1" if address.is_unspecified else host
    return "[::1]" if address.is_unspecified else f"[{host}]"


def _unsafe(settings: Settings) -> Iterator[str]:
    """Yield one line for each setting that production must not run with."""
    if not settings.is_production:
        return
    if settings.admin.email is None:
        yield "LUXEWIN_ADMIN_EMAIL: production has no account by default; give the first super admin's e-mail address"
    if settings.admin.password is None:
        yield "LUXEWIN_ADMIN_PASSWORD: production makes up no password; give the first super admin's"
    if not (settings.http.public_url or "").startswith("https://"):
        yield "LUXEWIN_PUBLIC_URL: production is reached by https only; give an address like https://shop.example.com"
    if settings.database.address is not None and settings.master_key is None:
        yield (
            "LUXEWIN_MASTER_KEY: with a database elsewhere every machine must hold the same key; "
            "give 32 bytes in base64, made by `openssl rand -base64 32`, and keep a copy"
        )
    if settings.limits.scale > 1:
        yield "LUXEWIN_LIMIT_SCALE: production keeps its published limits; give 1 or less"
