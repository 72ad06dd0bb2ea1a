"""Verify a prize draw of the protocol LW1, offline, with nothing but Python 3.11 or newer and this file.

    python3 verify_draw.py proof.json                           recompute the draw from the bundle
    python3 verify_draw.py proof.json --rpc http://…            and look up the anchor on its chain
    python3 verify_draw.py proof.json --details details.json    and compare what buyers were promised
    python3 verify_draw.py ticket.json --signing-key KEY        check that a ticket is in the list: …/proof?ticket=N
    python3 verify_draw.py ticket.json --signing-key KEY --salt SALT --account ID    and that it is this account's

Each step is printed as it passes. Exit status: 0 verified, 1 refused (the step and the error are named), 2 nothing
to verify: a file that cannot be read, or a wrong command line. docs/lw1.md defines the protocol, its steps and its
errors.

The curve arithmetic is written to be read; it is slow and not constant-time, since it works on public values only.
Sources: RFC 8032 (Ed25519), RFC 8785 (canonical JSON), RFC 6962 (Merkle trees), RFC 9380 (hashing to BLS12-381), and
drand's scheme bls-unchained-g1-rfc9380.
"""

import argparse
import hashlib
import hmac
import json
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

Json = dict[str, Any]
Rule = Any
Point = tuple["Fp2", "Fp2"] | None

# --- The format of a bundle: the keys of each object in order, and the rule for each value. ---

MAX_INTEGER = 2**53 - 1
MAX_DIGITS = 16
MAX_DEPTH = 16
STRINGS_AND_BRACKETS = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]'


def integer(least: int = 0) -> Rule:
    """An integer from `least` to 2^53 - 1."""
    return lambda value: type(value) is int and least <= value <= MAX_INTEGER


def matching(pattern: str) -> Rule:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def one_of(*values: object) -> Rule:
    return lambda value: any(type(value) is type(known) and value == known for known in values)


def null_or(rule: Rule) -> Rule:
    return lambda value: value is None or fits(rule, value)


def either(*rules: Rule) -> Rule:
    return lambda value: any(fits(rule, value) for rule in rules)


def hexed(size: int) -> Rule:
    return matching(f"[0-9a-f]{{{2 * size}}}")


def text(value: object) -> bool:
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def fits(rule: Rule, value: Any) -> bool:
    """Check a value: a dict is an object with exactly these keys in this order, a list is a list of such values."""
    if isinstance(rule, dict):
        same_keys = isinstance(value, dict) and list(value) == list(rule)
        return same_keys and all(fits(rule[key], value[key]) for key in rule)
    if isinstance(rule, list):
        return isinstance(value, list) and all(fits(rule[0], item) for item in value)
    return bool(rule(value))


UUID = matching("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
BOOLEAN = one_of(True, False)
AWARD = {"position": integer(), "number": integer()}
REVEALED = {"number": integer(), "salt": hexed(32), "holder_tag": hexed(32)}
CHAIN = {
    "chain_hash": hexed(32),
    "public_key": hexed(96),
    "group_hash": hexed(32),
    "period_seconds": lambda value: fits(integer(1), value) and value < 2**32,
    "genesis_time": integer(),
    "beacon_id": one_of("quicknet", "local"),
    "scheme": one_of("bls-unchained-g1-rfc9380"),
}
NAMED_ANCHOR = {"chain_id": integer(), "contract": hexed(20), "sender": hexed(20), "margin_seconds": integer()}
RULES = {
    "protocol": one_of("LW1"),
    "raffle_id": UUID,
    "version": integer(1),
    "previous_rules_hash": null_or(hexed(32)),
    "title": lambda value: text(value) and len(value) <= 200,
    "currency": matching("[A-Z]{3}"),
    "ticket_price": integer(),
    "capacity": integer(),
    "per_person_limit": null_or(integer()),
    "one_prize_per_person": BOOLEAN,
    "prizes": lambda value: fits([text], value) and len(value) > 0,
    "reserve_winners": integer(),
    "closes_at": integer(),
    "closes_when_sold_out": BOOLEAN,
    "draw_delay_seconds": integer(),
    "round": integer(1),
    "beacon": CHAIN,
    "signing_key": hexed(32),
    "anchor": null_or(NAMED_ANCHOR),
    "on_missed_anchor": one_of(None, "cancel", "reschedule"),
    "minimum_age": null_or(integer()),
    "territories": null_or([matching("[A-Z]{2}(-[A-Z0-9]{1,3})?")]),
    "free_entry": BOOLEAN,
    "skill_question": BOOLEAN,
}
RULES_WITH_DETAILS = {**RULES, "details_hash": hexed(32)}
RECEIPT = {
    "raffle_id": UUID,
    "rules_hash": hexed(32),
    "merkle_root": hexed(32),
    "entries": integer(1),
    "round": integer(1),
    "locked_at": integer(),
}
ANCHOR = {
    "chain_id": integer(),
    "contract": hexed(20),
    "sender": hexed(20),
    "transaction_hash": hexed(32),
    "block_number": integer(),
    "block_hash": hexed(32),
    "block_timestamp": integer(),
}
SKIPPED_HOLDER = {
    **AWARD,
    "reason": one_of("one_per_person"),
    "reveal": lambda value: fits([REVEALED], value) and len(value) == 2,
}
SKIPPED_ENTRY = {
    **AWARD,
    "reason": one_of("underage", "territory", "excluded", "staff", "fraud"),
    "approvals": integer(2),
}
BUNDLE = {
    "protocol": one_of("LW1"),
    "raffle_id": UUID,
    "rules": lambda value: fits([either(RULES, RULES_WITH_DETAILS)], value) and len(value) > 0,
    "entries": {
        "numbers": [lambda value: fits([integer(1)], value) and len(value) == 2],
        "commits": matching("[0-9a-f]*"),
    },
    "receipt": RECEIPT,
    "receipt_signature": hexed(64),
    "anchor": null_or(ANCHOR),
    "beacon": {"round": integer(1), "signature": hexed(48)},
    "draw": {"seed": hexed(32), "positions": [integer()]},
    "outcome": {
        "winners": [{"prize": integer(1), **AWARD}],
        "reserves": [AWARD],
        "skips": [either(SKIPPED_HOLDER, SKIPPED_ENTRY)],
    },
    "bundle_signature": hexed(64),
}


TICKET = {
    "raffle_id": UUID,
    "number": integer(),
    "commit": hexed(32),
    "position": integer(),
    "path": [hexed(32)],
    "receipt": RECEIPT,
    "receipt_signature": hexed(64),
}


class Caveat(NamedTuple):
    """The result of a step that a reader must know before trusting the draw; the verdict repeats it."""

    name: str
    text: str

    def __str__(self) -> str:
        return self.text


class Refused(Exception):
    """A check failed: the name of its error in docs/lw1.md, and the reason in words."""

    def __init__(self, error: str, why: str) -> None:
        super().__init__(f"{error}: {why}")
        self.error = error


def must(holds: bool, error: str, why: str) -> None:
    """Raise `Refused` with an error and the reason unless the check holds."""
    if not holds:
        raise Refused(error, why)


def read(content: bytes) -> Any:
    """Parse JSON in UTF-8, and refuse duplicate keys, numbers that are not integers, and deep nesting."""

    def once(pairs: list[tuple[str, Any]]) -> Json:
        must(len({key for key, _ in pairs}) == len(pairs), "format.json", "an object has the same key twice")
        return dict(pairs)

    def integral(token: str) -> int:
        must(len(token) <= MAX_DIGITS and token[0] != "-", "format.json", f"a number is not from 0 to {MAX_INTEGER}")
        must(int(token) <= MAX_INTEGER, "format.json", f"a number is not from 0 to {MAX_INTEGER}")
        return int(token)

    def never(token: str) -> None:
        raise Refused("format.json", f"a number is not an integer: {token[:40]}")

    depth = 0
    for token in re.finditer(STRINGS_AND_BRACKETS, content):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
        must(depth <= MAX_DEPTH, "format.json", f"it is nested more than {MAX_DEPTH} deep")
    try:
        text = content.decode()
        return json.loads(text, object_pairs_hook=once, parse_int=integral, parse_float=never, parse_constant=never)
    except (ValueError, RecursionError) as error:
        raise Refused("format.json", str(error)) from error


def canonical(value: Any) -> bytes:
    """Encode as RFC 8785, for values whose numbers are integers, which is all that LW1 uses.

    Raises:
        UnicodeEncodeError: a text has an unpaired surrogate.
    """
    return json.dumps(ordered(value), separators=(",", ":"), ensure_ascii=False).encode()


def ordered(value: Any) -> Any:
    """Return the value with the members of each object in the order of RFC 8785: by the UTF-16 code units of names."""
    if isinstance(value, list):
        return [ordered(item) for item in value]
    if isinstance(value, dict):
        return {
            key: ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        }
    return value


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def u64be(number: int) -> bytes:
    return number.to_bytes(8, "big")


# --- Ed25519 (RFC 8032, section 5.1) ---

Q = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202


def edwards_add(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = one, two
    mixed = D * x1 * x2 * y1 * y2 % Q
    x = (x1 * y2 + x2 * y1) * pow(1 + mixed, -1, Q) % Q
    return x, (y1 * y2 + x1 * x2) * pow(1 - mixed, -1, Q) % Q


def edwards_times(scalar: int, point: tuple[int, int]) -> tuple[int, int]:
    total = (0, 1)
    while scalar:
        if scalar & 1:
            total = edwards_add(total, point)
        point, scalar = edwards_add(point, point), scalar >> 1
    return total


def edwards_point(encoded: bytes) -> tuple[int, int] | None:
    number = int.from_bytes(encoded, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= Q:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, Q) % Q
    x = pow(square, (Q + 3) // 8, Q)
    if x * x % Q != square:
        x = x * pow(2, (Q - 1) // 4, Q) % Q
    if x * x % Q != square or (x == 0 and sign):
        return None
    return (Q - x if x & 1 != sign else x), y


def ed25519_verifies(key: bytes, message: bytes, signature: bytes) -> bool:
    a, r, s = edwards_point(key), edwards_point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or edwards_times(8, a) == (0, 1):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    base = (BASE_X, 4 * pow(5, -1, Q) % Q)
    return edwards_times(s, base) == edwards_add(r, edwards_times(k, a))


# --- BLS12-381: signatures in G1, keys in G2. Points are None (infinity) or (x, y) with coordinates in Fp2. ---

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
X = 0xD201000000010000  # the curve's parameter is its negative
TAG = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"


class Fp2:
    """a + b·u with u² = -1, modulo P."""

    __slots__ = ("a", "b")

    def __init__(self, a: int, b: int = 0) -> None:
        self.a, self.b = a % P, b % P

    __hash__ = None  # type: ignore[assignment] # compared, but never hashed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fp2) and (self.a, self.b) == (other.a, other.b)

    def __add__(self, other: "Fp2") -> "Fp2":
        return Fp2(self.a + other.a, self.b + other.b)

    def __sub__(self, other: "Fp2") -> "Fp2":
        return Fp2(self.a - other.a, self.b - other.b)

    def __mul__(self, other: "Fp2") -> "Fp2":
        return Fp2(self.a * other.a - self.b * other.b, self.a * other.b + self.b * other.a)

    def inverse(self) -> "Fp2":
        norm = pow(self.a * self.a + self.b * self.b, -1, P)
        return Fp2(self.a * norm, -self.b * norm)

    def power(self, exponent: int) -> "Fp2":
        total = Fp2(1)
        for bit in f"{exponent:b}":
            total = total * total * self if bit == "1" else total * total
        return total

    def root(self) -> "Fp2 | None":
        """Return a square root, or None (P = 3 mod 4)."""
        start = self.power((P - 3) // 4)
        alpha, guess = start * start * self, start * self
        root = guess * Fp2(0, 1) if alpha == Fp2(-1) else (alpha + Fp2(1)).power((P - 1) // 2) * guess
        return root if root * root == self else None

    def is_larger_half(self) -> bool:
        return (self.b or self.a) > (P - 1) // 2


G2 = (
    Fp2(
        0x024AA2B2F08F0A91260805272DC51051C6E47AD4FA403B02B4510B647AE3D1770BAC0326A805BBEFD48056C8C121BDB8,
        0x13E02B6052719F607DACD3A088274F65596BD0D09920B61AB5DA61BBDC7F5049334CF11213945D57E5AC7D055D042B7E,
    ),
    Fp2(
        0x0CE5D527727D6E118CC9CDC6DA2E351AADFD9BAA8CBDD3A76D429A695160D12C923AC9CC3BACA289E193548608B82801,
        0x0606C4A02EA734CC32ACD2B02BC28B99CB3E287E85A763AF267492AB572E99AB3F370D275CEC1DA1AAA9075FF05F79BE,
    ),
)


def slope(one: tuple[Fp2, Fp2], two: tuple[Fp2, Fp2]) -> Fp2:
    (x1, y1), (x2, y2) = one, two
    if x1 == x2:
        return Fp2(3) * x1 * x1 * (y1 + y1).inverse()
    return (y2 - y1) * (x2 - x1).inverse()


def add(one: Point, two: Point) -> Point:
    if one is None or two is None:
        return one or two
    if one[0] == two[0] and one[1] + two[1] == Fp2(0):
        return None
    gradient = slope(one, two)
    x = gradient * gradient - one[0] - two[0]
    return x, gradient * (one[0] - x) - one[1]


def times(scalar: int, point: Point) -> Point:
    total: Point = None
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def opened(encoded: bytes, curve_b: Fp2) -> Point:
    """Decode a compressed point; None unless it lies in the subgroup of order R."""
    flags, size = encoded[0] >> 5, 48
    parts = [int.from_bytes(encoded[at : at + size], "big") for at in range(0, len(encoded), size)]
    parts[0] &= 2**381 - 1
    if flags & 0b110 != 0b100 or max(parts) >= P:  # uncompressed, or infinity
        return None
    x = Fp2(*reversed(parts))
    y = (x * x * x + curve_b).root()
    if y is None:
        return None
    point = (x, Fp2(0) - y if y.is_larger_half() != bool(flags & 1) else y)
    return point if times(R, point) is None else None


def multiplied(one: list[int], two: list[int]) -> list[int]:
    """Multiply in Fp12, as polynomials in w over Fp with w^12 = 2·w^6 - 2, so that u = w^6 - 1."""
    total = [0] * 23
    for i, left in enumerate(one):
        if left:
            for j, right in enumerate(two):
                total[i + j] += left * right
    for i in range(22, 11, -1):
        total[i - 6] += 2 * total[i]
        total[i - 12] -= 2 * total[i]
    return [value % P for value in total[:12]]


def line(one: Point, two: Point, at: Point) -> list[int]:
    """Evaluate the line through two points of the twist at a point of G1, times w^3.

    The final exponentiation removes that factor.
    """
    assert one is not None
    assert two is not None
    assert at is not None
    gradient = slope(one, two)
    value = [0] * 12
    for power, part in ((0, gradient * one[0] - one[1]), (2, Fp2(0) - gradient * at[0]), (3, at[1])):
        value[power] += part.a - part.b
        value[power + 6] += part.b
    return value


def miller(twisted: Point, at: Point) -> list[int]:
    """Miller's loop of the ate pairing, without the final exponentiation."""
    value, running = [1] + [0] * 11, twisted
    for bit in bin(X)[3:]:
        value = multiplied(multiplied(value, value), line(running, running, at))
        running = add(running, running)
        if bit == "1":
            value = multiplied(value, line(running, twisted, at))
            running = add(running, twisted)
    return value


def expanded(message: bytes, size: int) -> bytes:
    """Compute expand_message_xmd (RFC 9380, section 5.3.1)."""
    suffix = TAG + bytes([len(TAG)])
    first = sha256(bytes(64), message, size.to_bytes(2, "big"), b"\0", suffix)
    block, blocks = bytes(32), b""
    for number in range(1, size // 32 + 1):
        block = sha256(bytes(x ^ y for x, y in zip(first, block, strict=True)), bytes([number]), suffix)
        blocks += block
    return blocks


ISO_A = 0x144698A3B8E9433D693A02C96D4982B0EA985383EE66A8D8E8981AEFD881AC98936F8DA0E0F97F5CF428082D584C1D
ISO_B = 0x12E2908D11688030018B12E8753EEE3B2016C1F0F24F4070A0B9C14FCEF35EF55A23215A316CEAA5D1CC48E98E172BE0
# RFC 9380, appendix E.2: four polynomials, the lowest power first.
ISOGENY_IN_HEX = """
11a05f2b1e833340b809101dd99815856b303e88a2d7005ff2627b56cdb4e2c85610c2d5f2e62d6eaeac1662734649b7
17294ed3e943ab2f0588bab22147a81c7c17e75b2f6a8417f565e33c70d1e86b4838f2a6f318c356e834eef1b3cb83bb
0d54005db97678ec1d1048c5d10a9a1bce032473295983e56878e501ec68e25c958c3e3d2a09729fe0179f9dac9edcb0
1778e7166fcc6db74e0609d307e55412d7f5e4656a8dbf25f1b33289f1b330835336e25ce3107193c5b388641d9b6861
0e99726a3199f4436642b4b3e4118e5499db995a1257fb3f086eeb65982fac18985a286f301e77c451154ce9ac8895d9
1630c3250d7313ff01d1201bf7a74ab5db3cb17dd952799b9ed3ab9097e68f90a0870d2dcae73d19cd13c1c66f652983
0d6ed6553fe44d296a3726c38ae652bfb11586264f0f8ce19008e218f9c86b2a8da25128c1052ecaddd7f225a139ed84
17b81e7701abdbe2e8743884d1117e53356de5ab275b4db1a682c62ef0f2753339b7c8f8c8f475af9ccb5618e3f0c88e
080d3cf1f9a78fc47b90b33563be990dc43b756ce79f5574a2c596c928c5d1de4fa295f296b74e956d71986a8497e317
169b1f8e1bcfa7c42e0c37515d138f22dd2ecb803a0c5c99676314baf4bb1b7fa3190b2edc0327797f241067be390c9e
10321da079ce07e272d8ec09d2565b0dfa7dccdde6787f96d50af36003b14866f69b771f8c285decca67df3f1605fb7b
06e08c248e260e70bd1e962381edee3d31d79d7e22c837bc23c0bf1bc24c6b68c24b1b80b64d391fa9c8ba2e8ba2d229
08ca8d548cff19ae18b2e62f4bd3fa6f01d5ef4ba35b48ba9c9588617fc8ac62b558d681be343df8993cf9fa40d21b1c
12561a5deb559c4348b4711298e536367041e8ca0cf0800c0126c2588c48bf5713daa8846cb026e9e5c8276ec82b3bff
0b2962fe57a3225e8137e629bff2991f6f89416f5a718cd1fca64e00b11aceacd6a3d0967c94fedcfcc239ba5cb83e19
03425581a58ae2fec83aafef7c40eb545b08243f16b1655154cca8abc28d6fd04976d5243eecf5c4130de8938dc62cd8
13a8e162022914a80a6f1d5f43e7a07dffdfc759a12062bb8d6b44e833b306da9bd29ba81f35781d539d395b3532a21e
0e7355f8e4e667b955390f7f0506c6e9395735e9ce9cad4d0a43bcef24b8982f7400d24bc4228f11c02df9a29f6304a5
0772caacf16936190f3e0c63e0596721570f5799af53a1894e2e073062aede9cea73b3538f0de06cec2574496ee84a3a
14a7ac2a9d64a8b230b3f5b074cf01996e7f63c21bca68a81996e1cdf9822c580fa5b9489d11e2d311f7d99bbdcc5a5e
0a10ecf6ada54f825e920b3dafc7a3cce07f8d1d7161366b74100da67f39883503826692abba43704776ec3a79a1d641
095fc13ab9e92ad4476d6e3eb3a56680f682b4ee96f7d03776df533978f31c1593174e4b4b7865002d6384d168ecdd0a
000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001
090d97c81ba24ee0259d1f094980dcfa11ad138e48a869522b52af6c956543d3cd0c7aee9b3ba3c2be9845719707bb33
134996a104ee5811d51036d776fb46831223e96c254f383d0f906343eb67ad34d6c56711962fa8bfe097e75a2e41c696
00cc786baa966e66f4a384c86a3b49942552e2d658a31ce2c344be4b91400da7d26d521628b00523b8dfe240c72de1f6
01f86376e8981c217898751ad8746757d42aa7b90eeb791c09e4a3ec03251cf9de405aba9ec61deca6355c77b0e5f4cb
08cc03fdefe0ff135caf4fe2a21529c4195536fbe3ce50b879833fd221351adc2ee7f8dc099040a841b6daecf2e8fedb
16603fca40634b6a2211e11db8f0a6a074a7d0d4afadb7bd76505c3d3ad5544e203f6326c95a807299b23ab13633a5f0
04ab0b9bcfac1bbcb2c977d027796b3ce75bb8ca2be184cb5231413c4d634f3747a87ac2460f415ec961f8855fe9d6f2
0987c8d5333ab86fde9926bd2ca6c674170a05bfe3bdd81ffd038da6c26c842642f64550fedfe935a15e4ca31870fb29
09fc4018bd96684be88c9e221e4da1bb8f3abd16679dc26c1e8b6e6a1f20cabe69d65201c78607a360370e577bdba587
0e1bba7a1186bdb5223abde7ada14a23c42a0ca7915af6fe06985e7ed1e4d43b9b3f7055dd4eba6f2bafaaebca731c30
19713e47937cd1be0dfd0b8f1d43fb93cd2fcbcb6caf493fd1183e416389e61031bf3a5cce3fbafce813711ad011c132
18b46a908f36f6deb918c143fed2edcc523559b8aaf0c2462e6bfe7f911f643249d9cdf41b44d606ce07c8a4d0074d8e
0b182cac101b9399d155096004f53f447aa7b12a3426b08ec02710e807b4633f06c851c1919211f20d4c04f00b971ef8
0245a394ad1eca9b72fc00ae7be315dc757b3b080d4c158013e6632d3c40659cc6cf90ad1c232a6442d9d3f5db980133
05c129645e44cf1102a159f748c4a3fc5e673d81d7e86568d9ab0f5d396a7ce46ba1049b6579afb7866b1e715475224b
15e6be4e990f03ce4ea50b3b42df2eb5cb181d8f84965a3957add4fa95af01b2b665027efec01c7704b456be69c8b604
16112c4c3a9c98b252181140fad0eae9601a6de578980be6eec3232b5be72e7a07f3688ef60c206d01479253b03663c1
1962d75c2381201e1a0cbd6c43c348b885c84ff731c4d59ca4a10356f453e01f78a4260763529e3532f6102c2e49a03d
058df3306640da276faaae7d6e8eb15778c4855551ae7f310c35a5dd279cd2eca6757cd636f96f891e2538b53dbf67f2
16b7d288798e5395f20d23bf89edb4d1d115c5dbddbcd30e123da489e726af41727364f2c28297ada8d26d98445f5416
0be0e079545f43e4b00cc912f8228ddcc6d19c9f0f69bbb0542eda0fc9dec916a20b15dc0fd2ededda39142311a5001d
08d9e5297186db2d9fb266eaac783182b70152c65550d881c5ecd87b6f0f5a6449f38db9dfa9cce202c6477faaf9b7ac
166007c08a99db2fc3ba8734ace9824b5eecfdfa8d0cf8ef5dd365bc400a0051d5fa9c01a58b1fb93d1a1399126a775c
16a3ef08be3ea7ea03bcddfabba6ff6ee5a4375efa1f4fd7feb34fd206357132b920f5b00801dee460ee415a15812ed9
1866c8ed336c61231a1be54fd1d74cc4f9fb0ce4c6af5920abc5750c4bf39b4852cfe2f7bb9248836b233d9d55535d4a
167a55cda70a6e1cea820597d94a84903216f763e13d87bb5308592e7ea7d4fbc7385ea3d529b35e346ef48bb8913f55
04d2f259eea405bd48f010a01ad2911d9c6dd039bb61a6290e591b36e636a5c871a5c29f4f83060400f8b49cba8f6aa8
0accbb67481d033ff5852c1e48c50c477f94ff8aefce42d28c0f9a88cea7913516f968986f7ebbea9684b529e2561092
0ad6b9514c767fe3c3613144b45f1496543346d98adf02267d5ceef9a00d9b8693000763e3b90ac11e99b138573345cc
02660400eb2e4f3b628bdd0d53cd76f2bf565b94e72927c1cb748df27942480e420517bd8714cc80d1fadc1326ed06f7
0e0fa1d816ddc03e6b24255e0d7819c171c40f65e273b853324efcd6356caa205ca2f570f13497804415473a1d634b8f
000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001
"""
ISOGENY = [int(number, 16) for number in ISOGENY_IN_HEX.split()]


def mapped(u: int) -> Point:
    """Map by simplified SWU to a curve 11-isogenous to G1's, and from there to G1's (RFC 9380, 6.6.2 and E.2)."""
    z = 11 * u * u % P
    below = (z * z + z) % P
    x = -ISO_B * pow(ISO_A, -1, P) * (1 + pow(below, -1, P)) % P if below else ISO_B * pow(11 * ISO_A, -1, P) % P
    square = (x * x * x + ISO_A * x + ISO_B) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        x = z * x % P
        y = pow(x * x * x + ISO_A * x + ISO_B, (P + 1) // 4, P)
    y = P - y if y & 1 != u & 1 else y
    parts = ISOGENY[:12], ISOGENY[12:23], ISOGENY[23:39], ISOGENY[39:]
    nx, dx, ny, dy = (sum(k * pow(x, i, P) for i, k in enumerate(part)) % P for part in parts)
    return Fp2(nx * pow(dx, -1, P)), Fp2(y * ny * pow(dy, -1, P))


def hashed_to_g1(message: bytes) -> Point:
    wide = expanded(message, 128)
    halves = (int.from_bytes(half, "big") % P for half in (wide[:64], wide[64:]))
    return times(X + 1, add(*map(mapped, halves)))


def beacon_verifies(key: bytes, round_number: int, signature: bytes) -> bool:
    """Check that e(signature, generator) = e(hash of the round, key); infinity and other subgroups are refused."""
    signed, public = opened(signature, Fp2(4)), opened(key, Fp2(4, 4))
    if signed is None or public is None:
        return False
    away = (G2[0], Fp2(0) - G2[1])
    base = multiplied(miller(away, signed), miller(public, hashed_to_g1(sha256(u64be(round_number)))))
    value = [1] + [0] * 11
    for bit in f"{(P**12 - 1) // R:b}":
        value = multiplied(value, value)
        value = multiplied(value, base) if bit == "1" else value
    return value == [1] + [0] * 11


# --- The protocol ---

QUICKNET = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
LEAST_DELAY_SECONDS = 600


def check_format(bundle: Json) -> str:
    must(
        fits(BUNDLE, bundle),
        "format.shape",
        "it is no LW1 bundle: a key is missing, unknown or out of order, or a value is invalid",
    )
    return "an LW1 bundle"


def time_of(chain: Json, round_number: int) -> int:
    return int(chain["genesis_time"] + (round_number - 1) * chain["period_seconds"])


def receipt_limit(rules: Json) -> int:
    """Return the Unix time that the block of the receipt's anchor must be older than."""
    return time_of(rules["beacon"], rules["round"]) - int(rules["anchor"]["margin_seconds"])


RESCHEDULED = ("version", "previous_rules_hash", "closes_at", "round")  # what differs between two versions of the rules


def check_rules(bundle: Json) -> str:
    before, promised = None, bundle["rules"][0]
    for version, rules in enumerate(bundle["rules"], 1):
        chain, due = rules["beacon"], rules["closes_at"] + rules["draw_delay_seconds"]
        first = max(0, due - chain["genesis_time"] + chain["period_seconds"] - 1) // chain["period_seconds"] + 1
        must(rules["raffle_id"] == bundle["raffle_id"], "rules.raffle", "they belong to another raffle")
        must(rules["version"] == version, "rules.version", "a version is missing or out of order")
        must(
            rules["previous_rules_hash"] == before,
            "rules.previous",
            "a version does not contain the hash of the previous one",
        )
        must(rules["round"] == first, "rules.round", "the round is not the first one after closing time and delay")
        must(
            (rules["anchor"] is None) == (rules["on_missed_anchor"] is None),
            "rules.missed_anchor",
            "`anchor` and `on_missed_anchor` must both be set or both be null",
        )
        quick = chain["beacon_id"] == "quicknet"
        must(
            not quick or rules["draw_delay_seconds"] >= LEAST_DELAY_SECONDS,
            "rules.delay",
            "the delay before the round is too short",
        )
        must(
            version == 1 or rules["closes_at"] > promised["closes_at"],
            "rules.earlier",
            "a version does not close later than the previous one",
        )
        must(
            rules == promised | {key: rules[key] for key in RESCHEDULED},
            "rules.changed",
            "a version changes more than the closing time",
        )
        promised = rules
        before = sha256(canonical(rules)).hex()
    must(bundle["receipt"]["rules_hash"] == before, "rules.receipt", "the receipt names other rules")
    if len(bundle["rules"]) == 1:
        return "unchanged since publication"
    return f"{len(bundle['rules'])} versions, each of which changes only the closing time, to a later one"


def check_chain(bundle: Json) -> str | Caveat:
    chain = bundle["rules"][-1]["beacon"]
    period, genesis = chain["period_seconds"].to_bytes(4, "big"), chain["genesis_time"].to_bytes(8, "big")
    keys = bytes.fromhex(chain["public_key"]) + bytes.fromhex(chain["group_hash"])
    must(
        sha256(period, genesis, keys, chain["beacon_id"].encode()).hex() == chain["chain_hash"],
        "chain.hash",
        "`chain_hash` does not match the chain's constants",
    )
    if chain["beacon_id"] == "local":
        return Caveat("local_beacon", "LOCAL BEACON: the operator holds its key and could have chosen the winners")
    must(chain["chain_hash"] == QUICKNET, "chain.quicknet", "its `beacon_id` is quicknet, but it is another chain")
    return "drand quicknet, which no single party controls"


def numbers_of(bundle: Json) -> list[int]:
    return [number for first, last in bundle["entries"]["numbers"] for number in range(first, last + 1)]


def commit_of(bundle: Json, position: int) -> bytes:
    return bytes.fromhex(bundle["entries"]["commits"][64 * position : 64 * position + 64])


def check_entries(bundle: Json) -> str:
    ranges, before = bundle["entries"]["numbers"], -1
    for first, last in ranges:
        must(before + 1 < first <= last, "entries.order", "the numbers are not in order")
        before = last
    total = sum(last - first + 1 for first, last in ranges)
    must(
        total <= bundle["rules"][-1]["capacity"], "entries.capacity", "there are more entries than the capacity allows"
    )
    must(64 * total == len(bundle["entries"]["commits"]), "entries.commits", "numbers and commits do not match")
    return f"{total:,} tickets"


def merkle_root(bundle: Json) -> bytes:
    """Compute the root of RFC 6962, section 2.1, with a stack of complete subtrees."""
    prefix = b"\0LW1/ticket" + bytes.fromhex(bundle["raffle_id"].replace("-", ""))
    subtrees: list[bytes] = []
    for position, number in enumerate(numbers_of(bundle)):
        node, seen = sha256(prefix, u64be(number), commit_of(bundle, position)), position + 1
        while seen % 2 == 0:
            node, seen = sha256(b"\1", subtrees.pop(), node), seen // 2
        subtrees.append(node)
    root = subtrees.pop()
    while subtrees:
        root = sha256(b"\1", subtrees.pop(), root)
    return root


def check_receipt(bundle: Json) -> str:
    receipt, rules = bundle["receipt"], bundle["rules"][-1]
    must(receipt["raffle_id"] == bundle["raffle_id"], "receipt.raffle", "it belongs to another raffle")
    must(receipt["round"] == rules["round"], "receipt.round", "its round is not the one of the rules")
    must(receipt["entries"] == len(numbers_of(bundle)), "receipt.entries", "its number of entries is wrong")
    must(
        receipt["merkle_root"] == merkle_root(bundle).hex(),
        "receipt.root",
        "its Merkle root is not that of the entries",
    )
    must(
        rules["closes_when_sold_out"] or receipt["locked_at"] >= rules["closes_at"],
        "receipt.early",
        "it was made before the closing time",
    )
    must(
        receipt["locked_at"] < time_of(rules["beacon"], rules["round"]),
        "receipt.late",
        "it was not made before the round",
    )
    key, signature = bytes.fromhex(rules["signing_key"]), bytes.fromhex(bundle["receipt_signature"])
    must(ed25519_verifies(key, canonical(receipt), signature), "receipt.signature", "its signature does not verify")
    return "signed by the operator, over exactly these entries"


def check_anchor(bundle: Json) -> str | Caveat:
    anchor, promised = bundle["anchor"], bundle["rules"][-1]["anchor"]
    must(
        (anchor is None) == (promised is None),
        "anchor.presence",
        "the rules promise an anchor and the bundle has none, or the reverse",
    )
    if anchor is None:
        return Caveat(
            "no_anchor", "NO ANCHOR: recomputation only; nothing shows that the list is older than the beacon's round"
        )
    for key in ("chain_id", "contract", "sender"):
        must(anchor[key] == promised[key], "anchor.location", f"its {key} is not the one of the rules")
    must(anchor["block_timestamp"] < receipt_limit(bundle["rules"][-1]), "anchor.late", "its block is too late")
    return Caveat(
        "anchor_not_looked_up",
        f"ANCHOR NOT LOOKED UP: reported in block {anchor['block_number']} of chain {anchor['chain_id']}",
    )


def check_beacon(bundle: Json) -> str:
    beacon, rules = bundle["beacon"], bundle["rules"][-1]
    must(beacon["round"] == rules["round"], "beacon.round", "its round is not the one of the rules")
    key = bytes.fromhex(rules["beacon"]["public_key"])
    must(
        beacon_verifies(key, beacon["round"], bytes.fromhex(beacon["signature"])),
        "beacon.signature",
        "its signature does not verify",
    )
    return f"round {beacon['round']}, signed by the chain's key"


def check_seed(bundle: Json) -> str:
    chain, receipt = bytes.fromhex(bundle["rules"][-1]["beacon"]["chain_hash"]), bundle["receipt"]
    randomness = sha256(bytes.fromhex(bundle["beacon"]["signature"]))
    raffle, root = bytes.fromhex(bundle["raffle_id"].replace("-", "")), bytes.fromhex(receipt["merkle_root"])
    drawn = chain, u64be(receipt["round"]), randomness, raffle, root, u64be(receipt["entries"])
    must(
        sha256(b"LW1/seed", *drawn).hex() == bundle["draw"]["seed"],
        "seed.value",
        "it does not follow from the beacon and the entries",
    )
    return "follows from the beacon and the entries"


def positions(seed: bytes, entries: int) -> Iterator[int]:
    """A sparse Fisher–Yates shuffle over HMAC-SHA256 in counter mode, with rejection of biased blocks."""
    blocks, moved = count(), dict[int, int]()

    def block() -> int:
        return int.from_bytes(hmac.digest(seed, b"LW1/idx" + u64be(next(blocks)), "sha256"), "big")

    for drawn in range(entries):
        left = entries - drawn
        while (value := block()) >= 2**256 // left * left:
            pass
        chosen = drawn + value % left
        yield moved.get(chosen, chosen)
        moved[chosen] = moved.get(drawn, drawn)


def check_positions(bundle: Json) -> str:
    claimed = bundle["draw"]["positions"]
    drawn = positions(bytes.fromhex(bundle["draw"]["seed"]), bundle["receipt"]["entries"])
    must(
        all(position == next(drawn, None) for position in claimed),
        "positions.value",
        "they do not follow from the seed",
    )
    return f"{len(claimed)} drawn, as they follow from the seed"


def check_outcome(bundle: Json) -> str | Caveat:
    rules, numbers = bundle["rules"][-1], numbers_of(bundle)
    skips = {skip["position"]: skip for skip in bundle["outcome"]["skips"]}
    awards: list[Json] = []
    skipped: list[Json] = []
    full = len(rules["prizes"]) + rules["reserve_winners"]
    for position in bundle["draw"]["positions"]:
        must(len(awards) < full, "outcome.too_many", "more positions were drawn than there are prizes and reserves")
        entry = {"position": position, "number": numbers[position]}
        if position not in skips:
            awards.append(entry)
            continue
        skip = skips[position]
        must(skip["number"] == entry["number"], "outcome.skip_number", "a skip has the number of another ticket")
        if skip["reason"] == "one_per_person":
            must(
                rules["one_prize_per_person"],
                "outcome.several_allowed",
                "the rules allow several prizes for one person",
            )
            check_reveal(bundle, skip, awards)
        skipped.append(skip)
    must(
        len(awards) == full or len(bundle["draw"]["positions"]) == len(numbers),
        "outcome.too_few",
        "the draw ended too early",
    )
    prizes = len(rules["prizes"])
    winners = [{"prize": prize, **award} for prize, award in enumerate(awards[:prizes], 1)]
    must(bundle["outcome"]["winners"] == winners, "outcome.winners", "the winners are not those that were drawn")
    must(
        bundle["outcome"]["reserves"] == awards[prizes:],
        "outcome.reserves",
        "the reserves are not those that were drawn",
    )
    must(bundle["outcome"]["skips"] == skipped, "outcome.skips", "a skip is out of order or was not drawn")
    decided = sum(skip["reason"] != "one_per_person" for skip in skipped)
    found = f"{len(winners)} winner(s), {len(awards) - len(winners)} reserve(s), {len(skipped)} skipped"
    return Caveat("operator_decisions", f"{found}; {decided} BY DECISION OF THE OPERATOR") if decided else found


def check_reveal(bundle: Json, skip: Json, awards: list[Json]) -> None:
    own, earlier = skip["reveal"]
    award = next((award for award in awards if award["number"] == earlier["number"]), None)
    must(
        own["number"] == skip["number"] and award is not None,
        "outcome.reveal_numbers",
        "a skip reveals the wrong tickets",
    )
    must(own["holder_tag"] == earlier["holder_tag"], "outcome.reveal_holders", "a skip reveals two different holders")
    for ticket, position in ((own, skip["position"]), (earlier, award["position"] if award else 0)):
        opened_to = sha256(b"LW1/commit", bytes.fromhex(ticket["salt"]), bytes.fromhex(ticket["holder_tag"]))
        must(
            opened_to == commit_of(bundle, position),
            "outcome.reveal_commits",
            "the salt and holder tag that a skip reveals do not match the ticket's commit",
        )


def check_signature(bundle: Json) -> str:
    unsigned = {key: value for key, value in bundle.items() if key != "bundle_signature"}
    key, signature = bytes.fromhex(bundle["rules"][-1]["signing_key"]), bytes.fromhex(bundle["bundle_signature"])
    must(ed25519_verifies(key, canonical(unsigned), signature), "signature.value", "it does not verify")
    return "by the operator, over the complete bundle"


def check_details(bundle: Json, details: bytes) -> str:
    """Check what buyers were promised beside the rules: descriptions, values of prizes, days to claim, the question."""
    promised = bundle["rules"][-1].get("details_hash")
    must(promised is not None, "details.hash", "the rules have no hash of details")
    try:
        content = canonical(read(details))
    except (Refused, UnicodeEncodeError) as error:
        raise Refused("details.hash", f"they have no hash: {error}") from error
    must(sha256(content).hex() == promised, "details.hash", "they are not what the rules promise")
    return "the descriptions, values and terms that the rules promise"


STEPS: dict[str, Callable[[Json], str | Caveat]] = {
    "format": check_format,
    "rules": check_rules,
    "chain": check_chain,
    "entries": check_entries,
    "receipt": check_receipt,
    "anchor": check_anchor,
    "beacon": check_beacon,
    "seed": check_seed,
    "positions": check_positions,
    "outcome": check_outcome,
    "signature": check_signature,
}


# --- One ticket: the answer of …/proof?ticket=N ---


def root_of_path(ticket: Json) -> bytes:
    """Compute the root from the ticket's leaf and audit path (RFC 9162, section 2.1.3.2)."""
    raffle, receipt = bytes.fromhex(ticket["raffle_id"].replace("-", "")), ticket["receipt"]
    node = sha256(b"\0LW1/ticket", raffle, u64be(ticket["number"]), bytes.fromhex(ticket["commit"]))
    index, last, wrong = ticket["position"], receipt["entries"] - 1, "the path has not the length of its position"
    must(index <= last, "inclusion.path", "the position is beyond the list")
    for sibling in map(bytes.fromhex, ticket["path"]):
        must(last > 0, "inclusion.path", wrong)
        if index % 2 or index == last:
            node = sha256(b"\1", sibling, node)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            node = sha256(b"\1", node, sibling)
        index, last = index // 2, last // 2
    must(last == 0, "inclusion.path", wrong)
    return node


def check_ticket_format(ticket: Json) -> str:
    must(fits(TICKET, ticket), "format.shape", "it is no answer for one ticket")
    return f"ticket {ticket['number']}"


def check_inclusion(ticket: Json, signing_key: str) -> str:
    receipt = ticket["receipt"]
    must(ticket["raffle_id"] == receipt["raffle_id"], "inclusion.raffle", "it belongs to another raffle")
    must(root_of_path(ticket).hex() == receipt["merkle_root"], "inclusion.root", "its path leads to another root")
    key, signature = bytes.fromhex(signing_key), bytes.fromhex(ticket["receipt_signature"])
    must(ed25519_verifies(key, canonical(receipt), signature), "inclusion.signature", "the receipt is not signed")
    return f"position {ticket['position']} of {receipt['entries']:,}, under the signed root"


def check_holder(ticket: Json, salt: str, account: str) -> str:
    """Check that the ticket's commit is that of the account, which alone knows the salt."""
    ids = (bytes.fromhex(identifier.replace("-", "")) for identifier in (ticket["raffle_id"], account))
    opened_to = sha256(b"LW1/commit", bytes.fromhex(salt), sha256(b"LW1/holder", *ids))
    must(opened_to.hex() == ticket["commit"], "inclusion.commit", "its commit is not that of this salt and account")
    return "the ticket is this account's"


# --- Looking up the anchor on its chain ---

# The hash of the contract's code, and the selectors of its functions (4 bytes of Keccak-256 of their signatures).
ANCHOR_CODE_SHA256 = "705bc67355157a47c28b85547368bd1928036ef20c940c7f48361ba4399c19ba"
ANCHOR_RECEIPT = "17a47fa2"  # anchor_receipt(bytes16,uint64,bytes32)
RECEIPT_OF = "a18a4929"  # receipt_of(address,bytes16)
RULES_OF = "f0feb57a"  # rules_of(address,bytes16,uint64)


def call_node(rpc: str, method: str, *parameters: object) -> Any:
    """Return the result of a JSON-RPC request to a node."""
    body = canonical({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)})
    request = urllib.request.Request(rpc, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        answer = json.loads(response.read())
    must(
        "result" in answer and answer["result"] is not None,
        "anchor.node",
        f"the node does not know {method} {parameters}",
    )
    return answer["result"]


def word(value: int | str) -> str:
    """Encode a parameter of a call in 32 bytes, aligned to the right."""
    return f"{value:064x}" if isinstance(value, int) else value.rjust(64, "0")


def stored(rpc: str, contract: str, call: str) -> tuple[str, int, int]:
    """Return what the contract stores: a hash and, for rules, the closing time and the receipt's time limit."""
    words = call_node(rpc, "eth_call", {"to": contract, "data": "0x" + call}, "latest").removeprefix("0x")
    must(len(words) == 5 * 64, "anchor.node", "the contract's answer has the wrong length")
    return words[:64], int(words[64:128], 16), int(words[128:192], 16)


def check_anchor_on_chain(bundle: Json, rpc: str) -> str:
    """Check the anchor as the bundle reports it, and then as a node of its chain reports it."""
    check_anchor(bundle)
    try:
        return look_up_anchor(bundle, rpc)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise Refused("anchor.node", f"{type(error).__name__}: {error}") from error


def look_up_anchor(bundle: Json, rpc: str) -> str:
    """Check that the promised sender anchored every version of the rules and this receipt in the published contract."""
    anchor = bundle["anchor"]
    must(anchor is not None, "anchor.presence", "the bundle has no anchor to look up")
    must(int(call_node(rpc, "eth_chainId"), 16) == anchor["chain_id"], "anchor.chain", "the node serves another chain")
    code = bytes.fromhex(call_node(rpc, "eth_getCode", "0x" + anchor["contract"], "latest").removeprefix("0x"))
    must(
        sha256(code).hex() == ANCHOR_CODE_SHA256,
        "anchor.code",
        "the code at the contract's address is not that of the published contract",
    )
    deep = look_up_transaction(bundle, rpc)
    look_up_records(bundle, rpc)
    return f"found {deep} block(s) deep, before the round, and all versions of the rules in time"


def look_up_transaction(bundle: Json, rpc: str) -> int:
    """Check the anchoring transaction and its block; return the number of confirmations."""
    anchor, version = bundle["anchor"], len(bundle["rules"])
    raffle = bundle["raffle_id"].replace("-", "").ljust(64, "0")
    receipt_hash = sha256(canonical(bundle["receipt"])).hex()
    sent = call_node(rpc, "eth_getTransactionByHash", "0x" + anchor["transaction_hash"])
    done = call_node(rpc, "eth_getTransactionReceipt", "0x" + anchor["transaction_hash"])
    must(int(done["status"], 16) == 1, "anchor.transaction", "the transaction failed")
    must(sent["from"].lower() == "0x" + anchor["sender"], "anchor.transaction", "the transaction has another sender")
    must(
        (sent["to"] or "").lower() == "0x" + anchor["contract"],
        "anchor.transaction",
        "the transaction calls another contract",
    )
    must(
        sent["input"] == "0x" + ANCHOR_RECEIPT + raffle + word(version) + receipt_hash,
        "anchor.transaction",
        "the transaction anchors something else",
    )
    must(done["blockHash"] == "0x" + anchor["block_hash"], "anchor.block", "the transaction is in another block")
    block = call_node(rpc, "eth_getBlockByNumber", done["blockNumber"], False)
    must(block["hash"] == done["blockHash"], "anchor.block", "its block is no longer part of the chain")
    must(int(block["number"], 16) == anchor["block_number"], "anchor.block", "its block has another number")
    must(int(block["timestamp"], 16) == anchor["block_timestamp"], "anchor.block", "its block has another time")
    newest = int(call_node(rpc, "eth_blockNumber"), 16)
    return newest - int(done["blockNumber"], 16) + 1


def look_up_records(bundle: Json, rpc: str) -> None:
    """Check that the contract stores the receipt and each version of the rules, with their times."""
    anchor, contract = bundle["anchor"], "0x" + bundle["anchor"]["contract"]
    raffle = bundle["raffle_id"].replace("-", "").ljust(64, "0")
    of_this = word(anchor["sender"]) + raffle
    receipt_hash, _, _ = stored(rpc, contract, RECEIPT_OF + of_this)
    must(
        receipt_hash == sha256(canonical(bundle["receipt"])).hex(),
        "anchor.receipt",
        "the contract stores another receipt",
    )
    for version, rules in enumerate(bundle["rules"], 1):
        name = f"version {version} of the rules"
        promised = rules["anchor"] or {}
        same = all(promised.get(key) == anchor[key] for key in ("chain_id", "contract", "sender"))
        must(same, "anchor.rules", f"{name} promises another anchor")
        rules_hash, closes_at, limit = stored(rpc, contract, RULES_OF + of_this + word(version))
        must(rules_hash == sha256(canonical(rules)).hex(), "anchor.rules", f"{name} is not the one that was anchored")
        times = closes_at == rules["closes_at"] and limit == receipt_limit(rules)
        must(times, "anchor.rules", f"{name} was anchored with other times")


def of_shape(rule: Rule, shape: str) -> Callable[[str], str]:
    """Return a type of the command line for values of a rule."""

    def parsed(value: str) -> str:
        if not fits(rule, value):
            raise argparse.ArgumentTypeError(f"{value!r} is not {shape}")
        return value

    return parsed


def main() -> int:
    """Verify the file that the command line names, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bundle", help="the proof that the shop published, or with --signing-key that of one ticket")
    parser.add_argument("--rpc", help="a node of the anchor's chain, to look up the anchor")
    parser.add_argument(
        "--details", help="what buyers were promised, as `details` of the raffle: compared with its hash"
    )
    digits, uuid = of_shape(hexed(32), "64 lower-case hexadecimal digits"), of_shape(UUID, "a lower-case UUID")
    parser.add_argument("--signing-key", type=digits, help="of the rules: the file is …/proof?ticket=N")
    parser.add_argument("--salt", type=digits, help="of the ticket, as its holder is shown it; with --account")
    parser.add_argument("--account", type=uuid, help="id of the holder's account; with --salt")
    given = parser.parse_args()
    if (given.salt is None) != (given.account is None):
        parser.error("--salt and --account belong together")
    if given.signing_key is None and given.salt is not None:
        parser.error("--salt and --account need --signing-key")
    if given.signing_key is not None and (given.rpc or given.details):
        parser.error("--rpc and --details are for a complete proof, without --signing-key")
    try:
        content = Path(given.bundle).read_bytes()
        details = Path(given.details).read_bytes() if given.details else None
    except OSError as error:
        print(f"{error.filename} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    if given.signing_key is not None:
        holder = None if given.salt is None else (given.salt, given.account)
        return verify_ticket(content, given.signing_key, holder)
    return verify(content, given.rpc, details=details)


def verify(
    content: bytes, rpc: str | None = None, report: Callable[[str], None] = print, *, details: bytes | None = None
) -> int:
    """Run every step and report its result; return 0, or 1 at the first step that fails."""
    steps = dict(STEPS)
    if rpc is not None:
        steps["anchor"] = lambda bundle: check_anchor_on_chain(bundle, rpc)
    if details is not None:
        steps["details"] = lambda bundle: check_details(bundle, details)
    caveats: list[Caveat] = []
    bundle = run(steps, content, report, caveats)
    if bundle is None:
        return 1
    report("\nVerified: the winners follow from the published entries and the beacon.")
    for caveat in caveats:
        report(f"  Note: {caveat}")
    report("Compare one of these values with what the shop showed during the sale:")
    report(f"  rules hash, version 1: {sha256(canonical(bundle['rules'][0])).hex()}")
    report(f"  signing key:           {bundle['rules'][0]['signing_key']}")
    return 0


def verify_ticket(
    content: bytes,
    signing_key: str,
    holder: tuple[str, str] | None = None,
    report: Callable[[str], None] = print,
) -> int:
    """Check the answer for one ticket, and with salt and account also its holder; return 0, or 1 if a step fails."""
    steps: dict[str, Callable[[Json], str | Caveat]] = {
        "format": check_ticket_format,
        "inclusion": lambda ticket: check_inclusion(ticket, signing_key),
    }
    if holder is not None:
        steps["holder"] = lambda ticket: check_holder(ticket, *holder)
    return 1 if run(steps, content, report, []) is None else 0


def run(
    steps: dict[str, Callable[[Json], str | Caveat]],
    content: bytes,
    report: Callable[[str], None],
    caveats: list[Caveat],
) -> Json | None:
    """Read the content, run the steps in order, and collect caveats; return the document, or None if one fails."""
    name = "format"
    try:
        document: Json = read(content)
        for name, check in steps.items():
            found = check(document)
            caveats += [found] if isinstance(found, Caveat) else []
            report(f"  ok      {name:<10} {found}")
    except Refused as refused:
        report(f"  REFUSED {name:<10} {refused}")
        return None
    return document


if __name__ == "__main__":
    sys.exit(main())
