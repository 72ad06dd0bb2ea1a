"""The list of refusals: complete, and where the `type` of a problem document points."""

import orjson
from fastapi import FastAPI

from luxewin.kit.database import Database
from luxewin.kit.errors import Conflict, DomainError
from luxewin.kit.http.problems import problem, status_of
from luxewin.pages.refusals import refusals
from tests.pages.conftest import Site
from tests.pages.markup import Markup


def kinds_of(kind: type[DomainError]) -> list[type[DomainError]]:
    return [kind, *(deeper for heir in kind.__subclasses__() for deeper in kinds_of(heir))]


async def test_every_refusal_is_found_where_its_problem_document_points(away: Database, app: FastAPI) -> None:
    page = Markup.of((await Site.of(away, app).get("/docs/errors")).text)
    assert len(page.ids) > 60
    for kind in kinds_of(DomainError)[1:]:
        answer = problem(status_of(kind), kind.code, kind.title, request_id="1")
        address, _, anchor = orjson.loads(answer.body)["type"].partition("#")
        assert (address, anchor) == ("/docs/errors", kind.code)
        assert anchor in page.ids


def test_every_entry_says_what_it_is_and_when_it_is_met(app: FastAPI) -> None:
    del app  # it loads every module
    dull = [entry for entry in refusals().values() if len(entry.title.split()) < 3 or not entry.meaning]
    assert dull == []


def test_kinds_that_share_a_code_share_its_status(app: FastAPI) -> None:
    del app  # it loads every module
    met = {(kind.code, status_of(kind)) for kind in kinds_of(DomainError)[1:]}
    assert len({code for code, _ in met}) == len(met)


def test_a_kind_that_narrows_another_keeps_its_status() -> None:
    class Fleeting(Conflict):
        """Met in this test alone."""

        code = "pages.fleeting"
        title = "It was there a moment ago"

    entry = refusals()["pages.fleeting"]
    assert (entry.status, entry.topic, entry.meaning) == (status_of(Conflict), "pages", "Met in this test alone.")
