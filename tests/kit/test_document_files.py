"""Documents that never change are made once and sent from files."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from starlette.responses import Response, StreamingResponse

from luxewin.kit.errors import Unavailable
from luxewin.kit.http.document_files import Document, DocumentFiles

CONTENT = b'{"commits": "' + b"ab" * 100_000 + b'"}'


class Maker:
    """Makes a document, and counts how often."""

    def __init__(self, content: bytes = CONTENT) -> None:
        self.content = content
        self.made = 0

    async def __call__(self) -> bytes:
        self.made += 1
        await asyncio.sleep(0)
        return self.content


async def body_of(response: Response) -> list[bytes]:
    assert isinstance(response, StreamingResponse)
    return [bytes(piece) async for piece in response.body_iterator]  # type: ignore[arg-type]  # never text here


def read_in_order(folder: Path) -> None:
    """Let the files have been read long ago, in the order of their names; the clock of a file system is coarse."""
    for second, path in enumerate(sorted(folder.iterdir())):
        os.utime(path, (second, second))


def read(document: Document) -> bytes:
    with document.file as file:
        return file.read()


async def test_a_document_is_made_once_for_all_readers_and_processes(tmp_path: Path) -> None:
    make = Maker()
    first, second = DocumentFiles(tmp_path), DocumentFiles(tmp_path)
    opened = await asyncio.gather(*(first.open("proof-1", make) for _ in range(20)))
    opened.append(await second.open("proof-1", make))
    assert [read(document) for document in opened] == [CONTENT] * 21
    assert make.made == 1
    assert read(await first.open("proof-2", Maker(b"another"))) == b"another"


async def test_a_document_is_sent_in_small_pieces_with_its_length_and_a_tag(tmp_path: Path) -> None:
    response = (await DocumentFiles(tmp_path).open("proof", Maker())).response(known_tags="")
    pieces = await body_of(response)
    assert b"".join(pieces) == CONTENT
    assert max(map(len, pieces)) <= 65_536
    assert response.headers["content-length"] == str(len(CONTENT))
    assert response.headers["cache-control"] == "public, max-age=3600, no-transform"


async def test_a_client_that_has_the_document_is_told_so(tmp_path: Path) -> None:
    files = DocumentFiles(tmp_path)
    whole = (await files.open("proof", Maker())).response(known_tags="")
    await body_of(whole)
    document = await files.open("proof", Maker())
    assert document.response(known_tags=whole.headers["etag"]).status_code == 304
    assert document.file.closed


async def test_the_documents_that_were_read_long_ago_make_room(tmp_path: Path) -> None:
    files = DocumentFiles(tmp_path, most_bytes=2 * len(CONTENT))
    makers = [Maker() for _ in range(3)]
    for number in (0, 1):
        read(await files.open(f"proof-{number}", makers[number]))
    read_in_order(tmp_path)
    for number in (0, 2):
        read(await files.open(f"proof-{number}", makers[number]))
    for number in (0, 2, 1):
        read(await files.open(f"proof-{number}", makers[number]))
    assert [make.made for make in makers] == [1, 2, 1]


async def test_a_document_that_is_being_sent_may_be_deleted(tmp_path: Path) -> None:
    response = (await DocumentFiles(tmp_path).open("proof", Maker())).response(known_tags="")
    shutil.rmtree(tmp_path)
    assert b"".join(await body_of(response)) == CONTENT


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable):
        await DocumentFiles(tmp_path / "file" / "documents").open("proof", Maker())
