"""The manifest: the content and origin of an archive, authenticated with the master key of the installation."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from luxewin.runtime.backup.errors import BackupError

FORMAT = 1
_SEAL = b"luxewin backup seal\x01"
_FINGERPRINT = b"luxewin backup fingerprint\x01"
_FINGERPRINT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Member:
    """Size and hash of a file in the archive."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The description of an archive.

    `made_at` is the time of the snapshot, by the database's clock. `roles` are the roles that the dump grants
    privileges to, and `owned` the objects that belong to one of them instead of the database's owner, each as
    `(kind, name, role)`. `fingerprint` identifies the master key, and `seal` authenticates the manifest.
    """

    format: int = FORMAT
    program_version: str
    schema_revision: str
    made_at: str
    server_version: int
    tools_version: int
    database: str
    database_bytes: int
    roles: Sequence[str]
    owned: Sequence[Sequence[str]]
    members: Mapping[str, Member]
    fingerprint: str = ""
    seal: str = ""

    def sealed(self, key: bytes) -> Self:
        """Return the manifest with the seal of a master key."""
        marked = replace(self, fingerprint=fingerprint_of(key))
        return replace(marked, seal=_seal_of(marked, key))

    def is_sealed_by(self, key: bytes) -> bool:
        """Return whether the seal was made with this key."""
        return hmac.compare_digest(self.seal, _seal_of(self, key))

    def encoded(self) -> bytes:
        """Return the manifest as it is stored in the archive."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Parse the result of `encoded`.

        Raises:
            BackupError: it is not a manifest, or of a later format.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            if fields["format"] > FORMAT:
                raise BackupError(
                    f"The archive has the format {fields['format']}, and this version reads {FORMAT}: "
                    f"restore it with LuxeWin {fields['program_version']} or later"
                )
            members = {name: Member(**member) for name, member in fields.pop("members").items()}
            return cls(members=members, **fields)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError("The manifest of the archive cannot be read: use another archive") from error


def fingerprint_of(key: bytes) -> str:
    """Return a value that identifies a master key and reveals nothing about it."""
    return hmac.digest(key, _FINGERPRINT, "sha256")[:_FINGERPRINT_BYTES].hex()


def _seal_of(manifest: Manifest, key: bytes) -> str:
    bare = replace(manifest, seal="")
    return hmac.new(hmac.digest(key, _SEAL, "sha256"), bare.encoded(), hashlib.sha256).hexdigest()
