"""`kit` and `runtime` hold no word of the business: no module, role, workflow, path or header of the API."""

import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from luxewin.kit.access import ADMIN_ROLE, ANONYMOUS_ROLE, SUPER_ADMIN_ROLE
from luxewin.modules.identity.public import Role
from tests.architecture.tree import PACKAGE, ROOT

FOUNDATIONS = ("kit", "runtime")
OWN_CONCEPTS = frozenset({"tenants", "identity"})
"""Modules named after what `kit` itself defines, tenancy and principals; error codes begin with these words."""

OF_POSTGRESQL = re.compile("pg_catalog|InvalidCatalogName")
"""Names of PostgreSQL and its driver, whose catalogue is not a module."""

DOCUMENT = orjson.loads((ROOT / "docs" / "api" / "openapi.json").read_bytes())
DECLARED_PATH = re.compile(r'\.operation\(\s*"[A-Z]+",\s*"/([\w-]+)')
IN_AN_IDENTIFIER = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""The words of `OrderPlaced`, `order_placed` and `ORDER_PLACED`."""


def packages(folder: str) -> frozenset[str]:
    return frozenset(path.parent.name for path in (PACKAGE / folder).glob("*/__init__.py"))


MODULES = packages("modules") - OWN_CONCEPTS
WORKFLOWS = packages("workflows")
ROLES = frozenset(Role) - {ANONYMOUS_ROLE, ADMIN_ROLE, SUPER_ADMIN_ROLE}
"""The roles that the business adds to those of the kit."""

ORDINARY_WORDS = frozenset({"order"})
"""Singulars that are also words of SQL and of English."""


def business_words() -> frozenset[str]:
    """Return the names of modules and roles, in the singular and in the plural."""
    singulars = {name.removesuffix("s") for name in MODULES} - ORDINARY_WORDS
    return frozenset({*MODULES, *singulars, *ROLES, *(f"{role}s" for role in ROLES)})


def path_segments() -> frozenset[str]:
    """Return the first segments of all paths of the API, without the paths that `kit` itself declares."""
    own = {name for path in (PACKAGE / "kit").rglob("*.py") for name in DECLARED_PATH.findall(path.read_text("utf-8"))}
    return frozenset(path.removeprefix("/api/v1/").strip("/").split("/")[0] for path in DOCUMENT["paths"]) - own


def headers() -> frozenset[str]:
    """Return the credential headers of the API, which belong to the business."""
    schemes = DOCUMENT["components"]["securitySchemes"].values()
    return frozenset(scheme["name"].lower() for scheme in schemes if scheme["type"] == "apiKey")


def offences(text: str) -> Iterator[str]:
    """Yield each word of the business with its line; code, strings and comments are all read."""
    path = re.compile(rf"[/\"'](?:{'|'.join(map(re.escape, path_segments()))})(?=[/\"'?{{])")
    header = re.compile("|".join(map(re.escape, headers())), re.IGNORECASE)
    workflow = re.compile(rf"\b(?:{'|'.join(WORKFLOWS)})\b")
    for number, line in enumerate(text.splitlines(), start=1):
        words = {word.lower() for word in IN_AN_IDENTIFIER.findall(OF_POSTGRESQL.sub("", line))}
        for word in sorted(words & business_words()):
            yield f"{number}: the module or role {word}: {line.strip()}"
        for kind, pattern in (("path", path), ("header", header), ("workflow", workflow)):
            for found in pattern.findall(line):
                yield f"{number}: the {kind} {found}: {line.strip()}"


def files() -> Iterator[Path]:
    for folder in FOUNDATIONS:
        yield from sorted(path for path in (PACKAGE / folder).rglob("*") if path.suffix in {".py", ".sql", ".toml"})


def test_no_file_of_kit_or_runtime_holds_a_word_of_the_business() -> None:
    found = [f"{path.relative_to(ROOT)}:{offence}" for path in files() for offence in offences(path.read_text("utf-8"))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "from luxewin.modules.orders import public",
        "# the cart of a guest",
        "frozenset({Role.VENDOR, Role.ADMIN})",
        "role is Role.CUSTOMER",
        '"payload": {"role": "customer"}',
        "# one for all customers",
        "class PaymentGateway:",
        'TABLES = ("ledger_postings",)',
        "class RafflesSettings:",
        'if path.startswith("/products"):',
        'PATHS = {"imports"}',
        'headers["X-Cart-Token"]',
        '"""Used by log_in."""',
    ],
)
def test_a_word_of_the_business_is_found(line: str) -> None:
    assert list(offences(line)) != []


@pytest.mark.parametrize(
    "line",
    [
        'raise Forbidden("identity.forbidden")',
        "from luxewin.kit.http.tenants import Directory",
        '"SELECT relname FROM pg_catalog.pg_class ORDER BY 1"',
        "# retries in order, and pays attention to the taxonomy",
        'SCOPE = "http://example.com/a/b"',
    ],
)
def test_words_of_the_kit_are_no_offence(line: str) -> None:
    assert list(offences(line)) == []
