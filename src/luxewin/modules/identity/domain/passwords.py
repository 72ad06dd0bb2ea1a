"""The password policy, and the digest that bcrypt hashes."""

import base64
import hashlib
import unicodedata
from functools import cache
from importlib.resources import files

from luxewin.modules.identity.domain.emails import EmailAddress

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
_FEWEST_DIFFERENT_CHARACTERS = 3


def weakness_of(password: str, *, email: EmailAddress | None = None) -> str | None:
    """Return why a password of valid length is refused, or None if it is accepted.

    There are no composition rules; common passwords are refused instead (NIST SP 800-63B, section 3.1.1.2).
    """
    folded = _normalise(password).casefold()
    if folded in _common_passwords():
        return "The password is on the list of common passwords; choose another one"
    if len(set(folded)) < _FEWEST_DIFFERENT_CHARACTERS:
        return "The password has fewer than three different characters; choose another one"
    if email is not None and folded in {email.key, email.key.partition("@")[0]}:
        return "The password must not be the email address; choose another one"
    return None


def digest_of(password: str) -> bytes:
    """Return the input of bcrypt: SHA-256 in base64, 44 bytes.

    bcrypt itself reads 72 bytes at most and stops at a NUL; with the digest every character of a long password counts.
    The text is normalised first (NFKC), because keyboards encode the same accent in different ways.
    """
    return base64.b64encode(hashlib.sha256(_normalise(password).encode()).digest())


def _normalise(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@cache
def _common_passwords() -> frozenset[str]:
    text = files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
