"""Secrets of the installation: generated at the first start, stored in the data folder, readable by the owner only."""

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
from luxewin.kit.startup import StartupError, disk_error, ensure_folder

_OTHERS_MAY = 0o077
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The master key and the secrets derived from it; `repr` shows none of them."""

    folder: Path
    master_key: bytes = field(repr=False)
    given_passwords: dict[str, str] = field(repr=False)

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the secrets of the data folder, and generate missing ones; concurrent processes get the same.

        Raises:
            StartupError: the folder cannot be used, a file is readable by others, or two master keys differ.
        """
        folder = ensure_folder(ensure_folder(settings.data_dir, mode=0o711) / "secrets")
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
    def existing_master_key(cls, settings: Settings) -> bytes | None:
        """Return the master key from the settings or the data folder, or None; generates nothing.

        Raises:
            StartupError: it cannot be read, or two master keys differ.
        """
        path = settings.data_dir / "secrets" / "master_key"
        return None if settings.master_key is None and not path.exists() else _master_key(path, settings.master_key)

    @classmethod
    def store_master_key(cls, settings: Settings, key: bytes) -> None:
        """Store this master key in the data folder, unless there is one already.

        Raises:
            StartupError: the folder cannot be used.
        """
        if cls.existing_master_key(settings) is None:
            folder = ensure_folder(ensure_folder(settings.data_dir, mode=0o711) / "secrets")
            _load_or_store(folder / "master_key", base64.b64encode(key).decode())

    def database_password(self, purpose: str) -> str:
        """Return the password of the login role for a purpose: from the settings, or derived from the master key.

        It is derived with HMAC-SHA-256, so that all processes and machines with the key agree without sharing a file.
        """
        if purpose in self.given_passwords:
            return self.given_passwords[purpose]
        label = f"luxewin database role {_validate_name(purpose)}".encode()
        return base64.urlsafe_b64encode(hmac.digest(self.master_key, label, "sha256")).decode().rstrip("=")

    def local(self, name: str) -> str:
        """Return the secret of this name, which belongs to this data folder and is generated at its first use.

        It is independent of the master key, so that a change of the key does not lock the database of the folder.
        """
        return _load_or_store(self.folder / _validate_name(name), secrets.token_urlsafe(MASTER_KEY_BYTES))


def _validate_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a valid name of a secret")
    return name


def _master_key(path: Path, given: SecretStr | None) -> bytes:
    if given is not None and not path.exists():
        return master_key_bytes(given)
    generated = base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode()
    key = master_key_bytes(SecretStr(_load_or_store(path, generated)))
    if len(key) != MASTER_KEY_BYTES:
        raise StartupError(f"{path} is damaged: restore it from your backup; without it encrypted data cannot be read")
    if given is not None and master_key_bytes(given) != key:
        raise StartupError(
            f"LUXEWIN_MASTER_KEY differs from {path}, and neither can decrypt data of the other: "
            "unset the variable, or move the file away"
        )
    return key


def _load_or_store(path: Path, candidate: str) -> str:
    """Return the content of the file; create it with the candidate if it is missing, readable by its owner only."""
    try:
        if not path.exists():
            _publish(path, candidate)
        if path.stat().st_mode & _OTHERS_MAY:
            raise StartupError(f"{path} is readable by others: run `chmod 600 {path}`")
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise disk_error(error, path) from error


def _publish(path: Path, text: str) -> None:
    # A hard link is created atomically, and fails if another process was first.
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
