"""The commands of the guides work, and their responses contain what the guides show."""

import asyncio
from pathlib import Path

import pytest

from tests.docs.documents import DOCUMENTS, README, Document
from tests.docs.transcripts import answer_of, contains, is_problem, run, steps_of
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD, Program

LONGEST_WAIT_SECONDS = 30
GUIDES = [document for document in DOCUMENTS if document.path != README and steps_of(document.path)]


@pytest.fixture
async def indexed(program: Program) -> None:
    """Wait until the demo catalogue is indexed for search."""
    async with asyncio.timeout(LONGEST_WAIT_SECONDS), program.client() as client:
        while True:
            found = (await client.get("/search", params={"q": "basket", "limit": 1})).json()
            if found["data"]:
                return
            await asyncio.sleep(0.1)


@pytest.mark.usefixtures("indexed")
@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_the_commands_of_the_guide_work(guide: Document, program: Program, tmp_path: Path) -> None:
    steps = steps_of(guide.path)
    environment = {
        "ADMIN_EMAIL": ADMIN_EMAIL,
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        "LUXEWIN_DATA_DIR": str(program.folder),
    }
    outputs = run(steps, url=program.url, environment=environment, folder=tmp_path)
    for step, output in zip(steps, outputs, strict=True):
        answer = answer_of(output)
        where = f"{guide.name}, line {step.line}:\n{output}"
        if step.shown is None:
            assert not is_problem(answer), where
        else:
            assert contains(answer, step.shown), where


def test_the_guides_have_shell_blocks() -> None:
    names = {guide.name for guide in GUIDES}
    assert {"docs/api/guide.md", "docs/payments.md", "docs/import.md"} <= names
