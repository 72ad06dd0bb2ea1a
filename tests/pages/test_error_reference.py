"""The error reference: complete, and the target of the `type` of every problem document."""

import orjson
from fastapi import FastAPI

from luxewin.kit.database import Database
from luxewin.kit.errors import Conflict, DomainError
from luxewin.kit.http.problems import problem, status_of
from luxewin.kit.http.validation import MESSAGES
from luxewin.pages.errors import error_entries
from tests.pages.conftest import Site
from tests.pages.markup import Markup


def kinds_of(kind: type[DomainError]) -> list[type[DomainError]]:
    return [kind, *(deeper for heir in kind.__subclasses__() for deeper in kinds_of(heir))]


async def test_the_page_has_every_error_at_the_type_of_its_problem_document(away: Database, app: FastAPI) -> None:
    page = Markup.of((await Site.of(away, app).get("/docs/errors")).text)
    assert len(page.ids) > 60
    for kind in kinds_of(DomainError)[1:]:
        answer = problem(status_of(kind), kind.code, kind.title, request_id="1")
        address, _, anchor = orjson.loads(answer.body)["type"].partition("#")
        assert (address, anchor) == ("/docs/errors", kind.code)
        assert anchor in page.ids


async def test_the_page_has_every_message_for_input(away: Database, app: FastAPI) -> None:
    page = Markup.of((await Site.of(away, app).get("/docs/errors")).text)
    assert "input-messages" in page.ids
    assert [message for code, message in MESSAGES.items() if code not in page.text or message not in page.text] == []


def test_every_error_has_a_title_and_a_meaning(app: FastAPI) -> None:
    del app  # it imports every module
    incomplete = [entry for entry in error_entries().values() if len(entry.title.split()) < 3 or not entry.meaning]
    assert incomplete == []


def test_classes_with_the_same_code_have_the_same_status(app: FastAPI) -> None:
    del app  # it imports every module
    met = {(kind.code, status_of(kind)) for kind in kinds_of(DomainError)[1:]}
    assert len({code for code, _ in met}) == len(met)


def test_a_subclass_has_the_status_of_its_base() -> None:
    class Fleeting(Conflict):
        """Raised in this test only."""

        code = "pages.fleeting"
        title = "It was there a moment ago"

    entry = error_entries()["pages.fleeting"]
    assert (entry.status, entry.topic, entry.meaning) == (status_of(Conflict), "pages", "Raised in this test only.")
