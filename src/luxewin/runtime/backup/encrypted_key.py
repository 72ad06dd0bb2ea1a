"""The master key under a passphrase, for those who want it to travel inside the archive.

Source: scrypt (RFC 7914) makes the passphrase a key, AES-256-GCM closes the box.
"""

import base64
import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from luxewin.runtime.backup.errors import BackupError

SHORTEST_PASSPHRASE = 12
_PURPOSE = b"luxewin master key in a backup\x01"
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
_COST, _BLOCK, _LANES = 2**16, 8, 1
"""64 MB and about a fifth of a second for each guess."""


def passphrase_in(file: Path) -> bytes:
    """Return the passphrase that a file holds in its first line.

    Raises:
        BackupError: the file cannot be read, or the passphrase is too short to keep anybody out.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise BackupError(f"The passphrase in {file} cannot be read ({error.strerror}): name another file") from error
    passphrase = lines[0].strip() if lines else b""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BackupError(
            f"The passphrase in {file} is too short: give {SHORTEST_PASSPHRASE} characters or more in its first line"
        )
    return passphrase


def encrypt_key(key: bytes, passphrase: bytes) -> bytes:
    """Return the key, encrypted, as it stands in the archive."""
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    box = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, key, _PURPOSE)
    return json.dumps({name: base64.b64encode(part).decode() for name, part in _parts(salt, nonce, box)}).encode()


def decrypt_key(text: bytes, passphrase: bytes) -> bytes:
    """Return the key from a box.

    Raises:
        BackupError: the passphrase is another one.
    """
    parts = {name: base64.b64decode(part) for name, part in json.loads(text).items()}
    try:
        return AESGCM(_stretched(passphrase, parts["salt"])).decrypt(parts["nonce"], parts["box"], _PURPOSE)
    except InvalidTag as error:
        raise BackupError("The passphrase does not open the archive's master key: give the right one") from error


def _parts(salt: bytes, nonce: bytes, box: bytes) -> tuple[tuple[str, bytes], ...]:
    return (("salt", salt), ("nonce", nonce), ("box", box))


def _stretched(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_COST, r=_BLOCK, p=_LANES).derive(passphrase)
