"""Rules of accounts, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from luxewin.modules.identity.domain.accounts import may_grant
from luxewin.modules.identity.domain.emails import EmailAddress, email_key
from luxewin.modules.identity.domain.lockout import FREE_ATTEMPTS, LONGEST_LOCK_SECONDS, lock_seconds
from luxewin.modules.identity.domain.passwords import digest_of, weakness_of
from luxewin.modules.identity.domain.sessions import (
    LONGEST_USER_AGENT,
    REUSE_INTERVAL,
    Device,
    Exchange,
    TokenStatus,
    exchange_of,
)
from luxewin.modules.identity.public import Fingerprints, RefreshTokens, Role
from luxewin.modules.identity.schemas import NewUser
from luxewin.modules.identity.service.refresh_tokens import first, token_hash

READ_AS_ADA = [
    "ada@example.com",
    "ADA@EXAMPLE.COM",
    "Ada@Example.Com",
    "\uff41\uff44\uff41@example.com",
    "ada@\uff45xample.com",
    " ada@example.com ",
]


@pytest.mark.parametrize("text", READ_AS_ADA)
def test_equivalent_addresses_have_one_key(text: str) -> None:
    assert EmailAddress.parse(text).key == "ada@example.com"
    assert email_key(text) == "ada@example.com"


def test_a_domain_in_punycode_and_in_unicode_is_one_address() -> None:
    assert EmailAddress.parse("ada@xn--mnchen-3ya.example").key == EmailAddress.parse("ada@MÜNCHEN.example").key


def test_the_long_s_and_the_sharp_s_fold_as_in_unicode() -> None:
    assert EmailAddress.parse("stra\u00dfe@example.com").key == EmailAddress.parse("STRASSE@example.com").key


def test_a_folded_key_folds_to_itself() -> None:
    key = EmailAddress.parse("\u1e9e\ufb03@example.com").key
    assert EmailAddress.parse(key).key == key


def test_an_address_keeps_the_case_of_its_local_part() -> None:
    assert EmailAddress.parse("Ada.Byron@Example.com").address == "Ada.Byron@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@@example.com",
        "ada@exa mple.com",
        "ada\r\nBcc: all@example.com",
        "Ada <ada@example.com>",
        "ada@-example.com",
        "ada@" + "e" * 250 + ".com",
    ],
)
def test_an_invalid_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        EmailAddress.parse(text)


def test_the_lock_doubles_up_to_fifteen_minutes() -> None:
    assert [lock_seconds(failed) for failed in range(FREE_ATTEMPTS + 1)] == [0] * (FREE_ATTEMPTS + 1)
    locks = [lock_seconds(FREE_ATTEMPTS + more) for more in range(1, 12)]
    assert locks == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, LONGEST_LOCK_SECONDS]
    assert lock_seconds(10**9) == LONGEST_LOCK_SECONDS


@pytest.mark.parametrize("password", ["password123", "PASSWORD123", "qwertyuiop", "12345678", "aaaaaaaaaa", "abababab"])
def test_a_common_or_uniform_password_is_weak(password: str) -> None:
    assert weakness_of(password) is not None


def test_the_own_address_is_a_weak_password() -> None:
    ada = EmailAddress.parse("ada.byron@example.com")
    assert weakness_of("Ada.Byron@example.com", email=ada) is not None
    assert weakness_of("ada.byron", email=ada) is not None
    assert weakness_of("ada.byron", email=EmailAddress.parse("bob@example.com")) is None


@pytest.mark.parametrize("password", ["correct horse battery staple", "nine owls in the attic", "пароль-и-море"])
def test_there_are_no_composition_rules_for_passwords(password: str) -> None:
    assert weakness_of(password) is None


def test_every_character_of_a_long_password_counts() -> None:
    long = "x" * 200
    assert digest_of(long + "a") != digest_of(long + "b")
    assert len(digest_of(long)) == 44


def test_an_accent_gives_the_same_digest_in_every_encoding() -> None:
    assert digest_of("caf\u00e9 au lait") == digest_of("cafe\u0301 au lait")


def test_nobody_grants_a_role_above_their_own() -> None:
    ranks = [Role.CUSTOMER, Role.VENDOR, Role.ADMIN, Role.SUPER_ADMIN]
    granted = {granter: {role for role in ranks if may_grant(granter, role)} for granter in Role}
    assert granted == {
        Role.ANONYMOUS: {Role.CUSTOMER},
        Role.CUSTOMER: {Role.CUSTOMER},
        Role.VENDOR: {Role.CUSTOMER},
        Role.ADMIN: {Role.CUSTOMER, Role.VENDOR, Role.ADMIN},
        Role.SUPER_ADMIN: set(ranks),
    }
    assert not any(may_grant(granter, Role.ANONYMOUS) for granter in Role)


def test_a_user_agent_is_bounded_and_has_no_line_breaks() -> None:
    device = Device.of(address="203.0.113.7", user_agent="Mozilla\r\nX: y\x00" + "z" * 1000)
    assert "\n" not in device.user_agent
    assert "\x00" not in device.user_agent
    assert len(device.user_agent) <= LONGEST_USER_AGENT


NOW = datetime(2026, 1, 1, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("status", "used_at", "exchange"),
    [
        (TokenStatus.LIVE, None, Exchange.NEXT),
        (TokenStatus.USED, NOW, Exchange.SAME),
        (TokenStatus.USED, NOW + MOMENT, Exchange.SAME),
        (TokenStatus.USED, NOW - REUSE_INTERVAL + MOMENT, Exchange.SAME),
        (TokenStatus.USED, NOW - REUSE_INTERVAL, Exchange.REUSED),
        (TokenStatus.USED, None, Exchange.REUSED),
        (TokenStatus.REVOKED, None, Exchange.REFUSED),
    ],
)
def test_a_refresh_token_is_exchanged_by_its_status_and_its_use(
    status: TokenStatus, used_at: datetime | None, exchange: Exchange
) -> None:
    assert exchange_of(status, is_active=True, has_expired=False, used_at=used_at, now=NOW) is exchange
    assert exchange_of(status, is_active=False, has_expired=False, used_at=used_at, now=NOW) is Exchange.REFUSED


def test_an_expired_refresh_token_is_refused() -> None:
    assert exchange_of(TokenStatus.LIVE, is_active=True, has_expired=True, used_at=None, now=NOW) is Exchange.REFUSED


def test_the_successors_of_a_refresh_token_depend_on_the_key_and_are_bounded() -> None:
    tokens, others, token = RefreshTokens(b"a key"), RefreshTokens(b"another key"), first()
    chain = [token]
    for _ in range(21):
        chain.append(tokens.successor(chain[-1]))
    assert len(set(chain)) == 22
    assert tokens.descendant(token, token_hash(chain[20])) == chain[20]
    assert tokens.descendant(token, token_hash(chain[21])) is None
    assert others.descendant(token, token_hash(chain[1])) is None


def test_a_fingerprint_depends_on_the_password_and_on_the_key() -> None:
    ada, again, other = (
        NewUser(name="Ada", email="ada@example.com", password=SecretStr(password))
        for password in ("nine owls in the attic", "nine owls in the attic", "a long walk by the sea")
    )
    fingerprints = Fingerprints(b"a key")
    assert fingerprints.of(ada) == fingerprints.of(again)
    assert fingerprints.of(ada) != fingerprints.of(other)
    assert fingerprints.of(ada) != Fingerprints(b"another key").of(ada)
