# pragma version 0.4.3
# pragma evm-version paris
# pragma optimize gas
"""
@title Draw anchor
@license Apache-2.0
@notice Shows that the rules of a prize draw, and then the receipt of its entries, existed before certain times.
@dev Everything is written once, under the address that sends it: nobody writes in another's name, and nothing is
    changed or removed. Nobody owns this contract, it cannot be upgraded, and it takes no ether.

    A version of the rules names the hash of the version before it, and is anchored before that one's sales close. A
    receipt is anchored once, under the newest version, in a block that is older than the time which that version
    names. No version follows a receipt.

    What is kept of each is one hash and one word of four 64-bit numbers: closing time, the time that the receipt's
    block must come before, and the time and number of the block that anchored it. A receipt's first two are zero.
"""

struct Anchored:
    hash: bytes32
    closes_at: uint256
    receipt_before: uint256
    block_timestamp: uint256
    block_number: uint256

struct Kept:
    hash: bytes32
    packed: uint256

event RulesAnchored:
    sender: indexed(address)
    raffle_id: indexed(bytes16)
    version: uint64
    rules_hash: bytes32
    previous_rules_hash: bytes32
    closes_at: uint64
    receipt_before: uint64

event ReceiptAnchored:
    sender: indexed(address)
    raffle_id: indexed(bytes16)
    version: uint64
    receipt_hash: bytes32

LOW_64_BITS: constant(uint256) = 2**64 - 1

_rules: HashMap[address, HashMap[bytes16, HashMap[uint64, Kept]]]
_receipts: HashMap[address, HashMap[bytes16, Kept]]


@external
def anchor_rules(
    raffle_id: bytes16,
    version: uint64,
    rules_hash: bytes32,
    previous_rules_hash: bytes32,
    closes_at: uint64,
    receipt_before: uint64,
):
    """
    @notice Write a version of a raffle's rules: 1 first, then 2, 3 ...
    @param previous_rules_hash The hash of the version before; zero for version 1.
    @param closes_at When sales close, in Unix seconds; lies ahead.
    @param receipt_before The receipt's block must be older than this; lies behind the closing time.
    """
    assert rules_hash != empty(bytes32), "empty hash"
    assert version > 0, "versions begin at 1"
    assert self._rules[msg.sender][raffle_id][version].hash == empty(bytes32), "version is taken"
    assert self._receipts[msg.sender][raffle_id].hash == empty(bytes32), "receipt is anchored"
    before: Kept = self._rules[msg.sender][raffle_id][version - 1]
    assert before.hash == previous_rules_hash, "other predecessor"
    if version > 1:
        assert before.hash != empty(bytes32), "predecessor is missing"
        assert block.timestamp < self._unpacked(before).closes_at, "predecessor has closed"
    assert block.timestamp < convert(closes_at, uint256), "closed already"
    assert closes_at < receipt_before, "no time for a receipt"
    self._rules[msg.sender][raffle_id][version] = self._kept(rules_hash, closes_at, receipt_before)
    log RulesAnchored(
        sender=msg.sender,
        raffle_id=raffle_id,
        version=version,
        rules_hash=rules_hash,
        previous_rules_hash=previous_rules_hash,
        closes_at=closes_at,
        receipt_before=receipt_before,
    )


@external
def anchor_receipt(raffle_id: bytes16, version: uint64, receipt_hash: bytes32):
    """
    @notice Write the hash of a raffle's receipt, once.
    @param version The newest version of the rules, which the receipt names.
    """
    assert receipt_hash != empty(bytes32), "empty hash"
    assert self._receipts[msg.sender][raffle_id].hash == empty(bytes32), "receipt is anchored"
    rules: Kept = self._rules[msg.sender][raffle_id][version]
    assert rules.hash != empty(bytes32), "no such rules"
    assert self._rules[msg.sender][raffle_id][version + 1].hash == empty(bytes32), "rules have a successor"
    assert block.timestamp < self._unpacked(rules).receipt_before, "too late"
    self._receipts[msg.sender][raffle_id] = self._kept(receipt_hash, 0, 0)
    log ReceiptAnchored(sender=msg.sender, raffle_id=raffle_id, version=version, receipt_hash=receipt_hash)


@external
@view
def rules_of(sender: address, raffle_id: bytes16, version: uint64) -> Anchored:
    """
    @notice Read a version of the rules; all zero where there is none.
    """
    return self._unpacked(self._rules[sender][raffle_id][version])


@external
@view
def receipt_of(sender: address, raffle_id: bytes16) -> Anchored:
    """
    @notice Read a receipt; all zero where there is none.
    """
    return self._unpacked(self._receipts[sender][raffle_id])


@internal
@view
def _kept(hash: bytes32, closes_at: uint64, receipt_before: uint64) -> Kept:
    times: uint256 = (convert(closes_at, uint256) << 192) | (convert(receipt_before, uint256) << 128)
    return Kept(hash=hash, packed=times | (block.timestamp << 64) | block.number)


@internal
@pure
def _unpacked(kept: Kept) -> Anchored:
    return Anchored(
        hash=kept.hash,
        closes_at=kept.packed >> 192,
        receipt_before=(kept.packed >> 128) & LOW_64_BITS,
        block_timestamp=(kept.packed >> 64) & LOW_64_BITS,
        block_number=kept.packed & LOW_64_BITS,
    )
