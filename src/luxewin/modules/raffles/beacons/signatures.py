"""BLS signatures over BLS12-381, keys in G2 and signatures in G1, as in drand's scheme bls-unchained-g1-rfc9380.

The curve is blst's, through pyblst; opening a point checks that it lies in the subgroup.
"""

from collections.abc import Callable

from pyblst import BlstP1Element, BlstP2Element, final_verify, miller_loop

from luxewin.modules.raffles.domain.beacons import message_of

Verifies = Callable[[bytes, int, bytes], bool]
"""True if a signature of a round was made with the key that belongs to this public key."""

_DOMAIN_SEPARATION = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_INFINITY_IN_G1 = bytes([0xC0, *bytes(47)])
_INFINITY_IN_G2 = bytes([0xC0, *bytes(95)])
_GENERATOR_OF_G2 = bytes.fromhex(
    "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
    "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
)
_ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001


def is_valid_signature(public_key: bytes, round_number: int, signature: bytes) -> bool:
    """Return whether a key (96 bytes) has signed a round (48 bytes); False for an invalid point.

    The point at infinity is refused: it "verifies" everything under a key that is infinity too.
    """
    if signature == _INFINITY_IN_G1 or public_key == _INFINITY_IN_G2:
        return False
    try:
        signed, key = BlstP1Element.uncompress(signature), BlstP2Element.uncompress(public_key)
    except ValueError:
        return False
    generator = BlstP2Element.uncompress(_GENERATOR_OF_G2)
    message = BlstP1Element.hash_to_group(message_of(round_number), _DOMAIN_SEPARATION)
    return final_verify(miller_loop(signed, generator), miller_loop(message, key))


def private_key(secret: bytes) -> int:
    """Return a private key made from a secret of 48 or more random bytes, whose bias towards any key is negligible."""
    return int.from_bytes(secret, "big") % (_ORDER - 1) + 1


def public_key_of(key: int) -> bytes:
    """Return the public key: 96 bytes, compressed."""
    return BlstP2Element.uncompress(_GENERATOR_OF_G2).scalar_mul(key).compress()


def signature_of(key: int, round_number: int) -> bytes:
    """Sign a round: 48 bytes, compressed."""
    message = BlstP1Element.hash_to_group(message_of(round_number), _DOMAIN_SEPARATION)
    return message.scalar_mul(key).compress()
