"""The manifest: what an archive holds, who made it and when, under a seal of the installation's master key."""

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
    """One file of the archive as it was written."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive says of itself.

    `made_at` is the moment whose state the archive holds, by the database's clock. `roles` are those that the dump
    grants rights to, and `owned` the objects that belong to one of them instead of to the database's owner, each as
    `(kind, name, role)`. `fingerprint` tells which master key belongs to it, and `seal` that nothing was altered.
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
        """Return the same under a seal of the master key."""
        marked = replace(self, fingerprint=fingerprint_of(key))
        return replace(marked, seal=_seal_of(marked, key))

    def is_sealed_by(self, key: bytes) -> bool:
        """Whether everything that it says was said by a holder of the key."""
        return hmac.compare_digest(self.seal, _seal_of(self, key))

    def written(self) -> bytes:
        """Return it as it stands in the archive."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Read what `written` returned.

        Raises:
            BackupError: it is no manifest, or one of a later program.
        """
        try:
            said: dict[str, Any] = json.loads(text)
            if said["format"] > FORMAT:
                raise BackupError(
                    f"The archive is of format {said['format']}, and this program reads {FORMAT}: "
                    f"restore it with LuxeWin {said['program_version']} or later"
                )
            members = {name: Member(**member) for name, member in said.pop("members").items()}
            return cls(members=members, **said)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError("The archive's manifest cannot be read: take another archive") from error


def fingerprint_of(key: bytes) -> str:
    """Return what tells a master key from others, and tells nothing about it."""
    return hmac.digest(key, _FINGERPRINT, "sha256")[:_FINGERPRINT_BYTES].hex()


def _seal_of(manifest: Manifest, key: bytes) -> str:
    bare = replace(manifest, seal="")
    return hmac.new(hmac.digest(key, _SEAL, "sha256"), bare.written(), hashlib.sha256).hexdigest()
