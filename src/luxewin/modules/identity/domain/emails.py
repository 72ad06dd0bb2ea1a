"""E-mail addresses: what is written to, and what makes two of them the same."""

import unicodedata
from dataclasses import dataclass
from typing import Self

from email_validator import EmailNotValidError, validate_email

LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address as its owner writes it, and the key under which it is unique in a tenant."""

    shown: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address; the domain comes out in Unicode, whether it was given so or in Punycode.

        The key is folded (NFKC, case folding, NFKC again), so that `Ada@Example.com`, `ada@example.com` and the
        full-width form are one address, before and after the @: nobody registers a second reading of another's address.

        Raises:
            ValueError: this is no address, or longer than 254 characters.
        """
        try:
            # Whether mail arrives is shown by mail, not by a query inside a request; a test system may use `.test`.
            valid = validate_email(
                text.strip(), check_deliverability=False, globally_deliverable=False, allow_smtputf8=True
            )
        except EmailNotValidError as error:
            raise ValueError(str(error)) from error
        if len(valid.normalized) > LONGEST_EMAIL:
            raise ValueError(f"must have at most {LONGEST_EMAIL} characters")
        return cls(valid.normalized, _folded(valid.normalized))


def email_key(text: str) -> str:
    """Return the key to look an address up by; what cannot be anybody's address gets one too, which finds nobody."""
    try:
        return EmailAddress.parse(text).key
    except ValueError:
        return _folded(text.strip())


def _folded(address: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", address).casefold())
