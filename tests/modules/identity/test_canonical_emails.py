"""One spelling for all addresses that reach the same mailbox."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.identity.domain.emails import canonical_email


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("Ada@Example.com", "ada@example.com"),
        ("\uff41da@example.com", "ada@example.com"),
        ("a.d.a+raffles@gmail.com", "ada@gmail.com"),
        ("ada@googlemail.com", "ada@gmail.com"),
        ("Ada+1@Outlook.com", "ada@outlook.com"),
        ("ada+x@me.com", "ada@icloud.com"),
        ("a.da+x@pm.me", "ada@proton.me"),
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
        ("a.da+x@example.com", "a.da+x@example.com"),
        ("a.da@outlook.com", "a.da@outlook.com"),
        ("no address", "@no address"),
    ],
)
def test_addresses_of_one_mailbox_have_one_spelling(address: str, canonical: str) -> None:
    assert canonical_email(address) == canonical


@given(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.randoms(use_true_random=False))
def test_no_spelling_of_a_mailbox_is_another_person(name: str, random: Random) -> None:
    dotted = "".join(letter + random.choice(["", "", "."]) for letter in name[:-1]) + name[-1]
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter != "." else letter for letter in dotted)
    for written in (dotted, dotted.upper(), wide, f"{dotted}+tag"):
        for domain in ("gmail.com", "GoogleMail.com"):
            found = canonical_email(f"{written}@{domain}")
            assert found == f"{name}@gmail.com"
            assert canonical_email(found) == found
