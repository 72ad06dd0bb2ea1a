"""Email addresses, and the key under which equal ones are found."""

import unicodedata
from dataclasses import dataclass
from typing import Self

from email_validator import EmailNotValidError, validate_email

LONGEST_EMAIL = 254
_SAME_DOMAIN = {
    "googlemail.com": "gmail.com",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
}
_DOTS_IGNORED = frozenset({"gmail.com", "proton.me"})
_TAGS_IGNORED = _DOTS_IGNORED | {"icloud.com", "outlook.com", "hotmail.com", "live.com", "fastmail.com"}


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address as it is written to, and the key under which it is unique in a tenant."""

    address: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse an address; the domain is returned in Unicode, also if it was given in Punycode.

        The key is folded (NFKC, case folding, NFKC again), so that `Ada@Example.com`, `ada@example.com` and the
        full-width form are one address, before and after the @: nobody can register a variant of another address.

        Raises:
            ValueError: the text is not an address, or has more than 254 characters.
        """
        try:
            # Deliverability is not checked: that needs a DNS query inside the request, and test systems use `.test`.
            valid = validate_email(
                text.strip(), check_deliverability=False, globally_deliverable=False, allow_smtputf8=True
            )
        except EmailNotValidError as error:
            raise ValueError(str(error)) from error
        if len(valid.normalized) > LONGEST_EMAIL:
            raise ValueError(f"must have at most {LONGEST_EMAIL} characters")
        return cls(valid.normalized, _fold(valid.normalized))


def email_key(text: str) -> str:
    """Return the key to look an address up by. An invalid address gets a key that no account has."""
    try:
        return EmailAddress.parse(text).key
    except ValueError:
        return _fold(text.strip())


def canonical_email(text: str) -> str:
    """Return one spelling for all addresses that reach the same mailbox, to count the limits of a person together.

    Beyond `email_key`, the domain is in Punycode, and the rules of large providers apply: dots, tags after a `+` and
    alternative domains are removed where the provider ignores them. It is not an address to write to.
    """
    name, _, domain = email_key(text).rpartition("@")
    try:
        valid = validate_email(f"a@{domain}", check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return f"{name}@{domain}"
    domain = _SAME_DOMAIN.get(_fold(valid.ascii_domain), _fold(valid.ascii_domain))
    if domain in _TAGS_IGNORED:
        name = name.partition("+")[0] or name
    if domain in _DOTS_IGNORED:
        name = name.replace(".", "") or name
    return f"{name}@{domain}"


def _fold(address: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", address).casefold())
