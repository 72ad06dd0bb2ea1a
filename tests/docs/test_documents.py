"""Files, headings, commands and codes that documents name exist, and everything required is documented."""

import ast
import re
from functools import cache

import pytest
import typer

from luxewin.cli import app
from tests.architecture.tree import PACKAGE, ROOT, declared, settings, sources
from tests.docs.documents import DECISIONS, DOCUMENTS, README, Document
from tests.docs.startup_errors import causes
from tests.docs.transcripts import contains

CODE = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_.]*")
FILE = re.compile(r"(?:src|tests|docs|kit|modules|workflows|cli|\.github)/[\w./-]*\w/?|\w+\.(?:md|toml)|Makefile")
COMMAND = re.compile(r"\bluxewin ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")
OPTION = re.compile(r"(?<=\s)--[a-z-]+")
TARGET = re.compile(r"\bmake ([a-z][a-z-]+)")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
LIBRARIES = ROOT / "docs" / "decisions" / "0012-libraries.md"
by_name = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)


@by_name
def test_the_targets_of_links_exist(document: Document) -> None:
    dead = [
        link for link in document.links if not link.startswith("https://") and not link_target_exists(document, link)
    ]
    assert dead == []


def link_target_exists(document: Document, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (document.path.parent / path).resolve() if path else document.path
    return target.exists() and (not anchor or anchor in Document(target).anchors)


@by_name
def test_files_named_in_documents_exist(document: Document) -> None:
    named = [name for name in document.quoted if FILE.fullmatch(name)]
    places = (ROOT, document.path.parent, ROOT / "src" / "luxewin")
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


@by_name
def test_codes_events_and_permissions_named_in_documents_exist(document: Document) -> None:
    known = names_in_the_code()
    beginnings = {name.partition(".")[0] for name in known}
    named = {name for name in document.quoted if CODE.fullmatch(name) and name.partition(".")[0] in beginnings}
    assert named - known == set()


@cache
def names_in_the_code() -> frozenset[str]:
    """Return all error codes, event types and permission names, and the errors of the verifier."""
    trees = [source.tree for source in sources() if source.is_shipped]
    trees.append(ast.parse((ROOT / "verify" / "verify_draw.py").read_text(encoding="utf-8")))
    strings = (
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return frozenset(string for string in strings if CODE.fullmatch(string))


@by_name
def test_commands_named_in_documents_exist(document: Document) -> None:
    root = typer.main.get_command(app)
    assert isinstance(root, typer.core.TyperGroup)
    unknown = []
    for line in [*document.quoted, *shell_lines(document)]:
        for name, subcommand in COMMAND.findall(line):
            command = root.commands.get(name)
            if isinstance(command, typer.core.TyperGroup):
                command = command.commands.get(subcommand)
            known = {option for parameter in getattr(command, "params", ()) for option in parameter.opts}
            if command is None or not set(OPTION.findall(line)) <= known:
                unknown.append(line)
    assert unknown == []


@by_name
def test_make_targets_named_in_documents_exist(document: Document) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(TARGET.findall("\n".join([*document.quoted, *shell_lines(document)])))
    assert named - targets == set()


def shell_lines(document: Document) -> list[str]:
    """Return the lines that begin with a command of the program or with `make`."""
    return [line for line in document.text.splitlines() if re.match(r"(?:LUXEWIN_\S+ )*(?:luxewin|make) ", line)]


def test_every_startup_error_is_explained() -> None:
    explained = "".join(
        (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("troubleshooting.md", "backup.md")
    )
    messages = list(causes())
    assert len(messages) > 40
    assert [f"{place} `{cause}`" for place, cause in messages if f"`{cause}`" not in explained] == []


def bare(requirement: str) -> str:
    """Return the name of a requirement without its version specifier."""
    return re.split(r"[^\w-]", requirement, maxsplit=1)[0]


def test_every_library_is_listed_with_its_reason() -> None:
    text = LIBRARIES.read_text(encoding="utf-8")
    project = settings()["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    required = [bare(name) for group in groups for name in group]
    explained = re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)
    assert sorted(explained) == sorted(required)
    development = [bare(name) for group in settings()["dependency-groups"].values() for name in group]
    libraries = [name for name in development if not name.endswith("-stubs") and not name.startswith("types-")]
    assert [name for name in libraries if f"`{name}`" not in text] == []


def test_the_architecture_describes_every_module_and_layer() -> None:
    tables = [line for line in ARCHITECTURE.splitlines() if line.startswith("| `")]
    described = {name for line in tables for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    modules = {path.parent.name for path in (PACKAGE / "modules").glob("*/__init__.py")}
    assert described == modules | declared("module-layers")


def test_decisions_are_numbered_and_listed_in_order() -> None:
    numbers = [document.path.name[:4] for document in DECISIONS]
    assert numbers == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    index = Document(ROOT / "docs" / "decisions" / "README.md")
    listed = re.findall(r"^\| \[\d{4}\]\((.+?)\) \| (.+) \|$", index.text, re.MULTILINE)
    titles = [document.headings[0].removeprefix(f"{document.path.name[:4]} ") for document in DECISIONS]
    assert listed == [(document.path.name, title) for document, title in zip(DECISIONS, titles, strict=True)]


@pytest.mark.parametrize("document", DECISIONS, ids=lambda document: document.path.name)
def test_a_decision_fits_on_a_page_and_states_its_date(document: Document) -> None:
    assert len(document.text.splitlines()) <= 60
    assert re.search(r"^(?:In force since|Superseded by) ", document.text, re.MULTILINE)
    assert document.headings[0].startswith(f"{document.path.name[:4]} ")


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached: set[Document] = set()
    waiting = [Document(README)]
    while waiting:
        document = waiting.pop()
        if document not in reached:
            reached.add(document)
            targets = ((document.path.parent / link.partition("#")[0]).resolve() for link in document.links)
            waiting += [Document(target) for target in targets if target.suffix == ".md"]
    assert {document.name for document in DOCUMENTS} - {document.name for document in reached} == set()


@pytest.mark.parametrize(
    ("answer", "shown", "fits"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": 1}, {"b": "…"}, False),
        ({"url": "/orders/7/pay"}, {"url": "/orders/…/pay"}, True),
        ({"url": "/orders/7/cancel"}, {"url": "/orders/…/pay"}, False),
        ([1, 2], [1], False),
        ([1, 2], [1, "…"], True),
        ([], ["…"], True),
    ],
)
def test_a_documented_response_must_be_part_of_the_actual_one(answer: object, shown: object, *, fits: bool) -> None:
    assert contains(answer, shown) is fits
