"""What an archive promises: whole or refused, altered by nobody, deleted only where newer ones of ours are kept."""

import errno
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from luxewin.cli.unpacking import key_for
from luxewin.kit.secrets import Secrets
from luxewin.runtime.backup.archive import DUMP, FILES, KEY, Archive, ArchiveDraft, extract
from luxewin.runtime.backup.archive_folder import ArchiveFolder
from luxewin.runtime.backup.encrypted_key import decrypt_key, encrypt_key, passphrase_in
from luxewin.runtime.backup.errors import BackupError
from luxewin.runtime.backup.manifest import FORMAT, Manifest, fingerprint_of
from tests.runtime.test_postgres import small_disk
from tests.servers import settings_for

KEY_OF_SHOP = bytes(range(32))
KEY_OF_ANOTHER = bytes(32)
BEGUN = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
MANIFEST = Manifest(
    program_version="0.1.0",
    schema_revision="0001",
    made_at=BEGUN.isoformat(),
    server_version=18,
    tools_version=18,
    database="shop",
    database_bytes=4096,
    roles=[],
    owned=[],
    members={},
)
DUMPED = bytes(range(256)) * 40
PICTURE = b"\xff\xd8 not quite a picture"


def put(
    folder: ArchiveFolder,
    members: Mapping[str, bytes] = MappingProxyType({}),
    *,
    key: bytes = KEY_OF_SHOP,
    at: datetime = BEGUN,
    manifest: Manifest = MANIFEST,
) -> Archive:
    """Write an archive with these members beside the dump."""
    with folder.draft() as draft:
        draft.add(DUMP, [DUMPED[:100], DUMPED[100:]])
        for name, content in members.items():
            draft.add(name, [content])
        draft.finish(replace(manifest, made_at=at.isoformat(), members=draft.members).sealed(key))
        return Archive.open(folder.publish(draft, at))


@pytest.fixture
def folder(tmp_path: Path) -> ArchiveFolder:
    return ArchiveFolder(tmp_path / "folder")


def require_good(path: Path) -> Archive:
    archive = Archive.open(path)
    archive.require_key(KEY_OF_SHOP)
    archive.require_intact()
    return archive


def test_an_archive_returns_its_members(folder: ArchiveFolder, tmp_path: Path) -> None:
    archive = require_good(put(folder, {f"{FILES}media/chair.jpg": PICTURE}).path)
    assert b"".join(archive.chunks(DUMP)) == DUMPED
    extract(archive, tmp_path / "var")
    assert (tmp_path / "var" / "media" / "chair.jpg").read_bytes() == PICTURE
    assert archive.path.stat().st_mode & 0o077 == 0


def test_a_truncated_archive_is_refused_wherever_it_ends(folder: ArchiveFolder, tmp_path: Path) -> None:
    whole = put(folder).path.read_bytes()
    cut = tmp_path / "cut.zip"
    for length in (0, 10, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        cut.write_bytes(whole[:length])
        with pytest.raises(BackupError, match=r"is not an archive of LuxeWin, or is truncated: use another one"):
            require_good(cut)


def test_an_archive_with_any_altered_byte_is_refused_or_returns_the_same(folder: ArchiveFolder, tmp_path: Path) -> None:
    whole = put(folder, {f"{FILES}a": PICTURE}).path.read_bytes()
    altered, refused = tmp_path / "altered.zip", 0
    for place in range(0, len(whole), 23):
        altered.write_bytes(whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :])
        try:
            archive = require_good(altered)
        except BackupError:
            refused += 1
        else:  # ZIP keeps dates and the like beside the members, which nobody reads
            assert b"".join(archive.chunks(DUMP)) == DUMPED
            assert b"".join(archive.chunks(f"{FILES}a")) == PICTURE
    assert refused > len(whole) / 23 * 0.9


def rewritten(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write an archive anew with other members, as somebody would who knows ZIP and has no key."""
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist()} | dict(members)
    target = path.with_name("rewritten.zip")
    with zipfile.ZipFile(target, "w") as new:
        for name, content in kept.items():
            new.writestr(name, content)
    return target


def test_a_forged_archive_is_refused_even_where_its_checksums_are_right(folder: ArchiveFolder, tmp_path: Path) -> None:
    honest = put(folder)
    forger = put(ArchiveFolder(tmp_path / "forger"), {f"{FILES}more": b"evil"}, key=KEY_OF_ANOTHER)
    forged = replace(forger.manifest, fingerprint=honest.manifest.fingerprint)
    path = rewritten(forger.path, {"manifest.json": forged.encoded()})
    with pytest.raises(BackupError, match=r"is damaged or was altered \(manifest.json\)"):
        require_good(path)
    path = rewritten(honest.path, {f"{FILES}smuggled": b"evil"})
    with pytest.raises(BackupError, match=rf"is damaged or was altered \({FILES}smuggled\)"):
        require_good(path)


def test_a_file_outside_the_data_folder_is_refused(folder: ArchiveFolder, tmp_path: Path) -> None:
    archive = put(folder, {f"{FILES}../../escaped": PICTURE})
    with pytest.raises(BackupError, match="which is outside the data folder"):
        extract(archive, tmp_path / "a" / "var")
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("text", [b"not JSON", b"[]", b'{"format": 1}', b'{"format": 1, "members": {"a": {}}}'])
def test_an_invalid_manifest_is_refused(folder: ArchiveFolder, text: bytes) -> None:
    with pytest.raises(BackupError, match="manifest of the archive cannot be read"):
        Archive.open(rewritten(put(folder).path, {"manifest.json": text}))


def test_an_archive_of_a_later_version_is_refused_with_its_version(folder: ArchiveFolder, tmp_path: Path) -> None:
    later = json.dumps({"format": FORMAT + 1, "program_version": "9.0"}).encode()
    with pytest.raises(BackupError, match=r"restore it with LuxeWin 9\.0 or later"):
        Archive.open(rewritten(put(folder).path, {"manifest.json": later}))
    newer = put(folder, at=BEGUN + timedelta(hours=1), manifest=replace(MANIFEST, schema_revision="9999"))
    settings, _ = settings_for(tmp_path / "var")
    (tmp_path / "var" / "secrets" / "master_key").unlink()
    Secrets.store_master_key(settings, KEY_OF_SHOP)
    with pytest.raises(BackupError, match=r"The archive's schema is 9999, .*: restore it with LuxeWin 0\.1\.0"):
        key_for(settings, newer, None)


def test_the_right_master_key_is_required(folder: ArchiveFolder, tmp_path: Path) -> None:
    archive = put(folder)
    with pytest.raises(BackupError, match="The master key does not belong to"):
        archive.require_key(KEY_OF_ANOTHER)
    settings, _ = settings_for(tmp_path / "var")
    with pytest.raises(BackupError, match="The master key does not belong to"):
        key_for(settings, archive, None)
    (tmp_path / "var" / "secrets" / "master_key").unlink()
    with pytest.raises(BackupError, match="is missing: give it in LUXEWIN_MASTER_KEY"):
        key_for(settings, archive, None)
    assert Secrets.existing_master_key(settings) is None, "asking for a key makes none"
    Secrets.store_master_key(settings, KEY_OF_SHOP)
    assert key_for(settings, archive, None) == KEY_OF_SHOP


def test_a_master_key_is_stored_encrypted_only(folder: ArchiveFolder, tmp_path: Path) -> None:
    right, wrong, short = tmp_path / "right", tmp_path / "wrong", tmp_path / "short"
    right.write_text("a fine passphrase\nand a note\n")
    wrong.write_text("another passphrase\n")
    short.write_text("short\n")
    box = encrypt_key(KEY_OF_SHOP, passphrase_in(right))
    assert decrypt_key(box, passphrase_in(right)) == KEY_OF_SHOP
    with pytest.raises(BackupError, match="does not decrypt the master key"):
        decrypt_key(box, passphrase_in(wrong))
    with pytest.raises(BackupError, match=r"has \d+ characters: put one of 12 characters or more"):
        passphrase_in(short)
    with pytest.raises(BackupError, match="cannot be read"):
        passphrase_in(tmp_path / "absent")

    settings, _ = settings_for(tmp_path / "var")
    (tmp_path / "var" / "secrets" / "master_key").unlink()
    with pytest.raises(BackupError, match="contains no master key: omit --passphrase-file"):
        key_for(settings, put(folder), right)
    boxed = put(folder, {KEY: box}, at=BEGUN + timedelta(hours=1))
    assert key_for(settings, boxed, right) == KEY_OF_SHOP


def test_only_our_own_oldest_archives_are_deleted(folder: ArchiveFolder) -> None:
    ours = [put(folder, at=BEGUN + timedelta(days=day)).path for day in range(4)]
    others = put(folder, key=KEY_OF_ANOTHER, at=BEGUN - timedelta(days=9)).path
    strange = folder.folder / "luxewin-holiday.zip"
    strange.write_bytes(b"somebody's pictures")
    told: list[str] = []
    folder.delete_old(keep=2, fingerprint=fingerprint_of(KEY_OF_SHOP), report=told.append)
    assert sorted(folder.folder.glob("*.zip")) == sorted([*ours[2:], others, strange])
    assert len(told) == 2


def test_one_backup_at_a_time_writes_to_a_folder_and_deletes_the_draft_of_a_killed_one(folder: ArchiveFolder) -> None:
    folder.folder.mkdir()
    (folder.folder / "luxewin-4711.draft").write_bytes(b"half")
    with folder.draft(), pytest.raises(BackupError, match="Another backup is being written to"), folder.draft():
        pass
    assert list(folder.folder.glob("*.draft")) == []
    assert list(folder.folder.glob("*.zip")) == []


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupError, match=r"cannot be written .*: use another folder"):
        put(ArchiveFolder(tmp_path / "file" / "folder"))


def test_a_full_disk_is_refused_and_no_draft_is_left(tmp_path: Path) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(2**20)

    with small_disk(tmp_path / "disk", megabytes=4) as disk:
        full = pytest.raises(BackupError, match="is full: free some space, or use a folder on another disk")
        with full as refused, ArchiveFolder(disk).draft() as draft:
            draft.add(DUMP, endless())
        assert isinstance(refused.value.__cause__, OSError)
        assert refused.value.__cause__.errno == errno.ENOSPC
        assert [path.name for path in disk.iterdir() if path.suffix in {".draft", ".zip"}] == []


def test_a_draft_is_private_from_its_first_byte(tmp_path: Path) -> None:
    draft = ArchiveDraft(tmp_path / "draft")
    assert draft.path.stat().st_mode & 0o077 == 0
    draft.discard()
    assert not draft.path.exists()
