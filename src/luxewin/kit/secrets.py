"""Secrets of this installation: made at the first start, kept in the data folder, readable by their owner alone."""

import base64
import hmac
import os
import re
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pydantic import SecretStr

from luxewin.kit.settings import MASTER_KEY_BYTES, Settings, master_key_bytes
from luxewin.kit.startup import StartupError, open_folder, refused_by_disk

_OTHERS_MAY = 0o077
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The master key and what follows from it. Nothing here shows in `repr`."""

    folder: Path
    master_key: bytes = field(repr=False)
    given_passwords: dict[str, str] = field(repr=False)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the secrets of the data folder; what is missing is made, and two processes at once make the same.

        Raises:
            StartupError: the folder cannot be used, a file may be read by others, or two master keys disagree.
        """
        folder = open_folder(open_folder(settings.data_dir, mode=0o711) / "secrets")
        given = {
            "app": settings.database.app_password,
            "system": settings.database.system_password,
        }
        return cls(
            folder=folder,
            master_key=_master_key(folder / "master_key", settings.master_key),
            given_passwords={purpose: password.get_secret_value() for purpose, password in given.items() if password},
        )

    @classmethod
    def at_hand(cls, settings: Settings) -> bytes | None:
        """Return the master key where there is one, given or kept; make nothing.

        Raises:
            StartupError: it cannot be read, or two master keys disagree.
        """
        path = settings.data_dir / "secrets" / "master_key"
        return None if settings.master_key is None and not path.exists() else _master_key(path, settings.master_key)

    @classmethod
    def adopt(cls, settings: Settings, key: bytes) -> None:
        """Keep this master key in the data folder, unless there is one at hand already.

        Raises:
            StartupError: the folder cannot be used.
        """
        if cls.at_hand(settings) is None:
            folder = open_folder(open_folder(settings.data_dir, mode=0o711) / "secrets")
            _kept(folder / "master_key", base64.b64encode(key).decode())

    def database_password(self, purpose: str) -> str:
        """Return the password of the login role for a purpose: the one that was given, or one derived from the key.

        Derived (HMAC-SHA-256 under the master key), so that every process and every machine that holds the key agrees
        without sharing a file.
        """
        if purpose in self.given_passwords:
            return self.given_passwords[purpose]
        label = f"luxewin database role {_checked(purpose)}".encode()
        return base64.urlsafe_b64encode(hmac.digest(self.master_key, label, "sha256")).decode().rstrip("=")

    def local(self, name: str) -> str:
        """Return the secret of that name which belongs to this data folder alone, made at its first use.

        Independent of the master key, so that a change of the key locks nobody out of what is kept here.
        """
        return _kept(self.folder / _checked(name), secrets.token_urlsafe(MASTER_KEY_BYTES))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a secret")
    return name


def _master_key(path: Path, given: SecretStr | None) -> bytes:
    if given is not None and not path.exists():
        return master_key_bytes(given)
    made = base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode()
    key = master_key_bytes(SecretStr(_kept(path, made)))
    if len(key) != MASTER_KEY_BYTES:
        raise StartupError(f"{path} is damaged: put the copy from your backup there, or what it encrypted is lost")
    if given is not None and master_key_bytes(given) != key:
        raise StartupError(
            f"LUXEWIN_MASTER_KEY differs from {path}, and what one encrypted the other cannot read: "
            "unset the variable, or move the file away"
        )
    return key


def _kept(path: Path, candidate: str) -> str:
    """Return what the file holds; where there is none, it now holds the candidate, whole and for its owner alone."""
    try:
        if not path.exists():
            _publish(path, candidate)
        if path.stat().st_mode & _OTHERS_MAY:
            raise StartupError(f"{path} may be read by others: run `chmod 600 {path}`")
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise refused_by_disk(error, path) from error


def _publish(path: Path, text: str) -> None:
    # A hard link appears whole or not at all, and refuses where another process was first.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(path).hardlink_to(draft)
        _sync(path.parent)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
