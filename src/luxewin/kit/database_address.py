"""The address of a database and the credentials of a role."""

from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

_DEFAULT_PORT = 5432
_SCHEMES = frozenset({"postgresql", "postgres"})
_TLS_OPTIONS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl"})
_ADDRESS_OPTIONS = frozenset({"host", "port", "dbname", "user", "password"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAddress:
    """A database of a server, with the credentials of a role; `repr` never shows the password.

    `host` is a name, an IP address, or the absolute path of the folder with the server's socket. `options` are
    libpq's names and values for TLS, such as `sslmode`.
    """

    host: str
    port: int = _DEFAULT_PORT
    database: str
    user: str
    password: str = field(default="", repr=False)
    options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, url: str) -> Self:
        """Parse `postgresql://user:password@host:port/database?sslmode=…`.

        Raises:
            ValueError: the URL is not valid; the message says why and never repeats the URL, which holds a password.
        """
        parts = _split(url)
        if parts.scheme not in _SCHEMES:
            raise ValueError("it must begin with postgresql://")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        unknown = query.keys() - _TLS_OPTIONS - _ADDRESS_OPTIONS
        if unknown:
            raise ValueError(f"the option {min(unknown)} is not supported; remove it")
        host = query.get("host") or unquote(parts.hostname or "")
        user = query.get("user") or unquote(parts.username or "")
        database = query.get("dbname") or unquote(parts.path.removeprefix("/"))
        missing = [name for name, value in (("host", host), ("user", user), ("database", database)) if not value]
        if missing:
            raise ValueError(f"it names no {missing[0]}")
        if "," in parts.netloc.rpartition("@")[2] or "," in host:
            raise ValueError("it must name one host; put a proxy in front of several")
        return cls(
            host=host,
            port=_port(parts, query),
            database=database,
            user=user,
            password=query.get("password") or unquote(parts.password or ""),
            options=tuple((name, query[name]) for name in sorted(query.keys() & _TLS_OPTIONS)),
        )

    def as_role(self, user: str, password: str) -> Self:
        """Return the same database with the credentials of another role."""
        return replace(self, user=user, password=password)

    def of_database(self, database: str) -> Self:
        """Return another database of the same server."""
        return replace(self, database=database)

    def connect_arguments(self) -> dict[str, Any]:
        """Return the keyword arguments of `asyncpg.connect` and `asyncpg.create_pool`."""
        arguments: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "user": self.user,
        }
        if self.password:
            arguments["password"] = self.password
        if self.options:
            arguments["dsn"] = f"postgresql:///?{urlencode(self.options)}"
        return arguments

    def environment(self) -> dict[str, str]:
        """Return the environment variables of libpq, which psql and pg_dump read."""
        variables = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.database,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
        }
        return variables | {f"PG{name.upper()}": value for name, value in self.options}

    def __str__(self) -> str:
        location = f"the socket in {self.host}" if self.host.startswith("/") else f"{self.host}:{self.port}"
        return f"{self.database} at {location}"


def _port(parts: SplitResult, query: dict[str, str]) -> int:
    try:
        return int(query.get("port") or parts.port or _DEFAULT_PORT)
    except ValueError:  # its message may hold a part of the password
        raise ValueError(
            "its port is not a number; the characters / : @ ? # of a password must be percent-encoded"
        ) from None


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("it is not a URL") from None
