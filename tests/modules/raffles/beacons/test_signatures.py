"""Signatures of rounds: published ones verify, altered ones do not; the local beacon signs only due rounds."""

import pytest
from pyblst import BlstP1Element

from luxewin.modules.raffles.beacons import signatures
from luxewin.modules.raffles.beacons.local import LocalBeacon
from luxewin.modules.raffles.domain.beacons import QUICKNET, message_of
from tests.modules.raffles.beacons.relays import with_flipped_bit
from tests.modules.raffles.published import VECTORS, published, read
from verify import verify_draw

ROUNDS = {
    int(number): bytes.fromhex(published_round["signature"])
    for number, published_round in read(VECTORS).get("drand_quicknet", {}).get("rounds", {}).items()
}
DUE_AT = 1_800_000_000
BEACON = LocalBeacon(b"only in tests", clock=lambda: DUE_AT)
DUE = BEACON.chain.first_round_at(DUE_AT)
KEY = signatures.private_key(b"k" * 64)
VERIFIERS = [signatures.is_valid_signature, verify_draw.beacon_verifies]


@published
@pytest.mark.parametrize("verifies", VERIFIERS)
@pytest.mark.parametrize("number", ROUNDS)
def test_published_rounds_verify(verifies: signatures.Verifies, number: int) -> None:
    assert verifies(QUICKNET.public_key, number, ROUNDS[number])


@published
@pytest.mark.parametrize("verifies", VERIFIERS)
def test_a_signature_verifies_for_its_round_and_chain_only(verifies: signatures.Verifies) -> None:
    assert not verifies(QUICKNET.public_key, 43, ROUNDS[42])
    assert not verifies(BEACON.chain.public_key, 42, ROUNDS[42])
    assert not verifies(QUICKNET.public_key, 42, with_flipped_bit(ROUNDS[42]))


@pytest.mark.parametrize("verifies", VERIFIERS)
def test_a_signature_verifies_and_the_point_at_infinity_never_does(verifies: signatures.Verifies) -> None:
    signature = signatures.signature_of(KEY, 7)
    assert verifies(signatures.public_key_of(KEY), 7, signature)
    assert not verifies(signatures.public_key_of(KEY), 7, bytes([0xC0, *bytes(47)]))
    assert not verifies(bytes([0xC0, *bytes(95)]), 7, bytes([0xC0, *bytes(47)]))


@pytest.mark.parametrize("verifies", VERIFIERS)
def test_a_signature_under_another_domain_does_not_verify(verifies: signatures.Verifies) -> None:
    other = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_"
    signature = BlstP1Element.hash_to_group(message_of(7), other).scalar_mul(KEY).compress()
    assert not verifies(signatures.public_key_of(KEY), 7, signature)


async def test_the_local_beacon_signs_a_round_when_it_is_due_and_no_earlier() -> None:
    signature = (await BEACON.round(DUE)).signature
    assert signature is not None
    assert signatures.is_valid_signature(BEACON.chain.public_key, DUE, signature)
    assert (await BEACON.round(DUE + 1)).signature is None
    assert (await BEACON.round(0)).signature is None


def test_the_local_chain_is_marked_as_local_and_depends_on_its_secret() -> None:
    assert BEACON.chain.is_local
    assert not QUICKNET.is_local
    assert LocalBeacon(b"another").chain.hash != BEACON.chain.hash
