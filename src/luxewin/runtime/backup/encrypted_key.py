"""The master key, encrypted with a passphrase, to be stored inside the archive.

The key of AES-256-GCM is derived from the passphrase with scrypt (RFC 7914).
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
"""64 MB of memory and about 0.2 s per attempt."""


def passphrase_in(file: Path) -> bytes:
    """Return the passphrase from the first line of a file.

    Raises:
        BackupError: the file cannot be read, or the passphrase is too short.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise BackupError(f"The passphrase in {file} cannot be read ({error.strerror}): give another file") from error
    passphrase = lines[0].strip() if lines else b""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise BackupError(
            f"The passphrase in {file} has {len(passphrase)} characters: "
            f"put one of {SHORTEST_PASSPHRASE} characters or more into its first line"
        )
    return passphrase


def encrypt_key(key: bytes, passphrase: bytes) -> bytes:
    """Return the encrypted key, as it is stored in the archive."""
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    ciphertext = AESGCM(_derive_key(passphrase, salt)).encrypt(nonce, key, _PURPOSE)
    return json.dumps(
        {name: base64.b64encode(part).decode() for name, part in _fields(salt, nonce, ciphertext)}
    ).encode()


def decrypt_key(text: bytes, passphrase: bytes) -> bytes:
    """Return the decrypted key.

    Raises:
        BackupError: the passphrase is wrong.
    """
    parts = {name: base64.b64decode(part) for name, part in json.loads(text).items()}
    try:
        return AESGCM(_derive_key(passphrase, parts["salt"])).decrypt(parts["nonce"], parts["box"], _PURPOSE)
    except InvalidTag as error:
        raise BackupError(
            "The passphrase does not decrypt the master key of the archive: give the right one"
        ) from error


def _fields(salt: bytes, nonce: bytes, ciphertext: bytes) -> tuple[tuple[str, bytes], ...]:
    return (("salt", salt), ("nonce", nonce), ("box", ciphertext))


def _derive_key(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_COST, r=_BLOCK, p=_LANES).derive(passphrase)
