"""Signatures for the vectors of docs/lw1.md: on which libraries and verifiers are known to disagree.

The points of small order and outside the subgroups are made with the verifier's arithmetic, which is open to read.
"""

from collections.abc import Iterator
from hashlib import sha256, sha512
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyblst import BlstP1Element

from luxewin.modules.raffles.beacons import signatures
from luxewin.modules.raffles.domain.beacons import QUICKNET, message_of, randomness_of
from tests.modules.raffles.bundles import BEACON, QUICKNET_SIGNATURES, SECRET, SIGNER
from verify import verify_draw
from verify.verify_draw import Fp2, L, P, Q, R, edwards_add, edwards_point, edwards_times

Edwards = tuple[int, int]
Named = tuple[str, bytes, bytes, bytes, bool]

NEUTRAL = bytes([1, *bytes(31)])
_BASE = (verify_draw.BASE_X, 4 * pow(5, -1, Q) % Q)
_DOMAIN_SEPARATION = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
SIZE_IN_G1, SIZE_IN_G2 = 48, 96
CURVES = {SIZE_IN_G1: Fp2(4), SIZE_IN_G2: Fp2(4, 4)}
"""The constant of the curve's equation, by the size of its encoded points."""
_MODULUS_SPACE = 2**381 - P
"""Coordinates below this have a second encoding, above the modulus, in the same number of bits."""


def ed25519_vectors() -> Iterator[dict[str, Any]]:
    """Yield signatures with Ed25519: name, key, message, signature, and whether it is valid by section 3.1."""
    for name, key, message, signature, is_valid in (*_plain(), *_with_torsion(), *_small_keys(), *_encodings()):
        yield {
            "name": name,
            "public_key": key.hex(),
            "message": message.hex(),
            "signature": signature.hex(),
            "is_valid": is_valid,
        }


def beacon_vectors() -> Iterator[dict[str, Any]]:
    """Yield signatures of rounds: name, key, round, its message and point, signature, its hash, and the validity."""
    for name, key, number, signature, is_valid in (*_rounds(), *_refused_signatures(), *_refused_keys()):
        message = message_of(number)
        yield {
            "name": name,
            "public_key": key.hex(),
            "round": number,
            "message": message.hex(),
            "hash_to_curve": BlstP1Element.hash_to_group(message, _DOMAIN_SEPARATION).compress().hex(),
            "signature": signature.hex(),
            "is_valid": is_valid,
            "randomness": randomness_of(signature).hex(),
        }


def _plain() -> Iterator[Named]:
    message, key = b"LW1", SIGNER.public_key().public_bytes_raw()
    signature = SIGNER.sign(message)
    first, second = signature[:32], int.from_bytes(signature[32:], "little")
    other = Ed25519PrivateKey.from_private_bytes(sha256(b"another").digest()).public_key().public_bytes_raw()
    yield "valid", key, message, signature, True
    yield "of the empty message", key, b"", SIGNER.sign(b""), True
    yield "of another key", other, message, signature, False
    yield "of another message", key, b"LW2", signature, False
    yield "S + L", key, message, first + (second + L).to_bytes(32, "little"), False
    yield "S is L", key, message, first + L.to_bytes(32, "little"), False
    yield "only zeros", key, message, bytes(64), False


def _with_torsion() -> Iterator[Named]:
    """Yield signatures for which the equation holds only if it is multiplied by the cofactor, and one that holds."""
    message, secret, nonce = b"LW1", _secret_scalar(), 7
    public, point, torsion = edwards_times(secret, _BASE), edwards_times(nonce, _BASE), _of_order(8)
    key = _encoded(public)
    first = _encoded(edwards_add(point, torsion))
    yield "R has a component of order 8", key, message, first + _second(nonce, secret, first, key, message), False
    first = _encoded(edwards_add(point, _of_order(2)))
    yield "R has a component of order 2", key, message, first + _second(nonce, secret, first, key, message), False
    first, key = _encoded(point), _encoded(edwards_add(public, torsion))
    uneven = _message(8, first, key, is_multiple=False)
    yield "A has a component of order 8", key, uneven, first + _second(nonce, secret, first, key, uneven), False
    even = _message(8, first, key)
    signature = first + _second(nonce, secret, first, key, even)
    yield "A has a component of order 8, which k cancels", key, even, signature, True
    key = _encoded(public)
    yield "R is the neutral element", key, message, NEUTRAL + _second(0, secret, NEUTRAL, key, message), True


def _small_keys() -> Iterator[Named]:
    """Yield keys of small order under which the equation holds."""
    for order in (1, 2, 4, 8):
        key = _encoded(_of_order(order))
        message = _message(order, NEUTRAL, key)
        yield f"A has the order {order}", key, message, NEUTRAL + bytes(32), False


def _encodings() -> Iterator[Named]:
    """Yield encodings that are not canonical, or of no point."""
    message, secret, key = b"LW1", _secret_scalar(), SIGNER.public_key().public_bytes_raw()
    signature = SIGNER.sign(message)
    above, signed_zero = (Q + 1).to_bytes(32, "little"), bytes([1, *bytes(30), 0x80])
    for name, encoded in (("y is p + 1", above), ("x is 0 and its sign bit is set", signed_zero)):
        yield f"R: {name}", key, message, encoded + _second(0, secret, encoded, key, message), False
        yield f"A: {name}", encoded, message, NEUTRAL + bytes(32), False
    nowhere = next(encoded for y in count(2) if edwards_point(encoded := y.to_bytes(32, "little")) is None)
    yield "R: there is no x", key, message, nowhere + signature[32:], False
    yield "A: there is no x", nowhere, message, signature, False
    yield "A: all bits are set", b"\xff" * 32, message, signature, False


def _secret_scalar() -> int:
    digest = bytearray(sha512(SIGNER.private_bytes_raw()).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 63 | 64
    return int.from_bytes(digest, "little")


def _challenge(first: bytes, key: bytes, message: bytes) -> int:
    return int.from_bytes(sha512(first + key + message).digest(), "little") % L


def _second(nonce: int, secret: int, first: bytes, key: bytes, message: bytes) -> bytes:
    """Return the second half of a signature: nonce + k * secret."""
    return ((nonce + _challenge(first, key, message) * secret) % L).to_bytes(32, "little")


def _message(order: int, first: bytes, key: bytes, *, is_multiple: bool = True) -> bytes:
    """Return the first of the messages LW1 0, LW1 1 … whose k is, or is not, a multiple of an order."""
    messages = (f"LW1 {number}".encode() for number in count())
    return next(text for text in messages if (_challenge(first, key, text) % order == 0) is is_multiple)


def _of_order(order: int) -> Edwards:
    """Return a point of an order that divides 8."""
    points = (edwards_point(y.to_bytes(32, "little")) for y in count(2))
    small = (edwards_times(L, point) for point in points if point is not None)
    whole = next(point for point in small if edwards_times(4, point) != (0, 1))
    return edwards_times(8 // order, whole)


def _encoded(point: Edwards) -> bytes:
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _rounds() -> Iterator[tuple[str, bytes, int, bytes, bool]]:
    for number, known in QUICKNET_SIGNATURES.items():
        yield f"round {number} of quicknet", QUICKNET.public_key, number, bytes.fromhex(known), True
    yield "a round of the local beacon", BEACON.chain.public_key, 5, _signed(5), True


def _refused_signatures() -> Iterator[tuple[str, bytes, int, bytes, bool]]:
    quicknet, local = QUICKNET.public_key, BEACON.chain.public_key
    known = bytes.fromhex(QUICKNET_SIGNATURES[1000])
    yield "of another round", quicknet, 1001, known, False
    yield "of another key", local, 1000, known, False
    yield "the sign bit is flipped", quicknet, 1000, _with_flags(known, known[0] ^ 0x20), False
    yield "the infinity bit is set", quicknet, 1000, _with_flags(known, known[0] | 0x40), False
    yield "the compression bit is not set", quicknet, 1000, _with_flags(known, known[0] & 0x7F), False
    yield "the point at infinity", quicknet, 1000, bytes([0xC0, *bytes(47)]), False
    yield (
        "the point at infinity under a key at infinity",
        bytes([0xC0, *bytes(95)]),
        1000,
        bytes([0xC0, *bytes(47)]),
        False,
    )
    yield "a coordinate of ones", quicknet, 1000, b"\x9f" + b"\xff" * 47, False
    number = next(number for number in count(1) if _coordinate(_signed(number), 0) < _MODULUS_SPACE)
    yield "x is encoded as x + p", local, number, _above(_signed(number), 0), False
    yield "there is no y", quicknet, 1000, _off_curve(SIZE_IN_G1), False
    outside = _on_curve(SIZE_IN_G1)
    yield "a point outside the subgroup", quicknet, 1000, outside, False
    # The pairing does not see this component, so that only a test of the subgroup refuses the point.
    yield "a valid one with a component outside the subgroup", local, 5, _mixed(_signed(5), outside), False


def _refused_keys() -> Iterator[tuple[str, bytes, int, bytes, bool]]:
    known, local = bytes.fromhex(QUICKNET_SIGNATURES[1000]), BEACON.chain.public_key
    yield "the key is the point at infinity", bytes([0xC0, *bytes(95)]), 1000, known, False
    yield "the key is not compressed", _with_flags(local, local[0] & 0x7F), 5, _signed(5), False
    yield "there is no y for the key", _off_curve(SIZE_IN_G2), 5, _signed(5), False
    outside = _on_curve(SIZE_IN_G2)
    yield "the key is outside the subgroup", outside, 5, _signed(5), False
    yield "the key has a component outside the subgroup", _mixed(local, outside), 5, _signed(5), False
    for part, name in enumerate(("first", "second")):
        keys = ((key, signatures.public_key_of(key)) for key in count(2))
        secret, public = next(pair for pair in keys if _coordinate(pair[1], part) < _MODULUS_SPACE)
        signature = signatures.signature_of(secret, 5)
        yield f"a key with a small {name} coordinate", public, 5, signature, True
        yield f"its {name} coordinate c is encoded as c + p", _above(public, part), 5, signature, False


def _signed(number: int) -> bytes:
    """Return the signature of the local beacon's round."""
    return signatures.signature_of(signatures.private_key(sha512(SECRET).digest()), number)


def _with_flags(encoded: bytes, first: int) -> bytes:
    return bytes([first]) + encoded[1:]


def _coordinate(encoded: bytes, part: int) -> int:
    number = int.from_bytes(encoded[48 * part : 48 * part + 48], "big")
    return number % 2**381 if part == 0 else number


def _above(encoded: bytes, part: int) -> bytes:
    """Return the encoding with a coordinate plus the modulus; the flags stay."""
    whole = int.from_bytes(encoded[48 * part : 48 * part + 48], "big") + P
    return encoded[: 48 * part] + whole.to_bytes(48, "big") + encoded[48 * part + 48 :]


def _points(size: int) -> Iterator[tuple[Fp2, Fp2 | None]]:
    """Yield x = 1, 2, 3 … (in G2 plus u) and a y of the curve, or None."""
    for number in count(1):
        x = Fp2(number, 0 if size == SIZE_IN_G1 else 1)
        y = (x * x * x + CURVES[size]).root()
        is_over_fp = y is not None and (size != SIZE_IN_G1 or y.b == 0)  # every number of Fp has a root in Fp2
        yield x, y if is_over_fp else None


def _compressed(size: int, point: verify_draw.Point) -> bytes:
    assert point is not None
    x, y = point
    coordinates = (x.a,) if size == SIZE_IN_G1 else (x.b, x.a)
    encoded = b"".join(coordinate.to_bytes(48, "big") for coordinate in coordinates)
    return _with_flags(encoded, encoded[0] | (0xA0 if y.is_larger_half() else 0x80))


def _off_curve(size: int) -> bytes:
    """Return an encoding whose x belongs to no point."""
    return next(_compressed(size, (x, Fp2(0))) for x, y in _points(size) if y is None)


def _on_curve(size: int) -> bytes:
    """Return a point of the curve outside the subgroup."""
    points = ((x, y) for x, y in _points(size) if y is not None)
    return next(_compressed(size, point) for point in points if verify_draw.times(R, point) is not None)


def _mixed(encoded: bytes, outside: bytes) -> bytes:
    """Return the sum of a point of the subgroup and a point whose order is prime to that of the subgroup."""
    inside = verify_draw.opened(encoded, CURVES[len(encoded)])
    torsion = verify_draw.times(R, _decompressed(outside))
    return _compressed(len(encoded), verify_draw.add(inside, torsion))


def _decompressed(encoded: bytes) -> verify_draw.Point:
    """Return a point of an encoding, with either y; its order can be any."""
    parts = [_coordinate(encoded, part) for part in range(len(encoded) // SIZE_IN_G1)]
    x = Fp2(*reversed(parts))
    y = (x * x * x + CURVES[len(encoded)]).root()
    assert y is not None
    return x, y
