# pragma version 0.4.3
# pragma evm-version paris
# pragma optimize gas
"""
@title Draw anchor
@license Apache-2.0
@notice Shows that the rules of a prize draw, and later the receipt of its entries, existed before certain times.
@dev Every record is stored once, under the address of its sender: no sender can write for another, and no record is
    changed or removed. The contract has no owner, cannot be upgraded, and accepts no ether.

    A version of the rules names the hash of the previous version, and is anchored before the closing time of that
    version. A receipt is anchored once, under the newest version, in a block that is older than the time in that
    version. No version can follow a receipt.

    A record is one hash and one word of four 64-bit numbers: the closing time, the time that the receipt's block must
    be older than, and the time and the number of the anchoring block. The first two are zero for a receipt.
"""

struct Anchored:
    hash: bytes32
    closes_at: uint256
    receipt_before: uint256
    block_timestamp: uint256
    block_number: uint256

struct Record:
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

_rules: HashMap[address, HashMap[bytes16, HashMap[uint64, Record]]]
_receipts: HashMap[address, HashMap[bytes16, Record]]


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
    @notice Anchor a version of a raffle's rules: 1, then 2, 3 ...
    @param previous_rules_hash The hash of the previous version; zero for version 1.
    @param closes_at When sales close, in Unix seconds; must be in the future.
    @param receipt_before The receipt's block must be older than this; must be after the closing time.
    """
    assert rules_hash != empty(bytes32), "empty hash"
    assert version > 0, "versions begin at 1"
    assert self._rules[msg.sender][raffle_id][version].hash == empty(bytes32), "version is taken"
    assert self._receipts[msg.sender][raffle_id].hash == empty(bytes32), "receipt is anchored"
    previous: Record = self._rules[msg.sender][raffle_id][version - 1]
    assert previous.hash == previous_rules_hash, "other predecessor"
    if version > 1:
        assert previous.hash != empty(bytes32), "predecessor is missing"
        assert block.timestamp < self._unpacked(previous).closes_at, "predecessor has closed"
    assert block.timestamp < convert(closes_at, uint256), "closed already"
    assert closes_at < receipt_before, "no time for a receipt"
    self._rules[msg.sender][raffle_id][version] = self._record(rules_hash, closes_at, receipt_before)
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
    @notice Anchor the hash of a raffle's receipt, once.
    @param version The newest version of the rules, whose hash is in the receipt.
    """
    assert receipt_hash != empty(bytes32), "empty hash"
    assert self._receipts[msg.sender][raffle_id].hash == empty(bytes32), "receipt is anchored"
    rules: Record = self._rules[msg.sender][raffle_id][version]
    assert rules.hash != empty(bytes32), "no such rules"
    assert self._rules[msg.sender][raffle_id][version + 1].hash == empty(bytes32), "rules have a successor"
    assert block.timestamp < self._unpacked(rules).receipt_before, "too late"
    self._receipts[msg.sender][raffle_id] = self._record(receipt_hash, 0, 0)
    log ReceiptAnchored(sender=msg.sender, raffle_id=raffle_id, version=version, receipt_hash=receipt_hash)


@external
@view
def rules_of(sender: address, raffle_id: bytes16, version: uint64) -> Anchored:
    """
    @notice Return the record of a version of the rules; all zero if there is none.
    """
    return self._unpacked(self._rules[sender][raffle_id][version])


@external
@view
def receipt_of(sender: address, raffle_id: bytes16) -> Anchored:
    """
    @notice Return the record of a receipt; all zero if there is none.
    """
    return self._unpacked(self._receipts[sender][raffle_id])


@internal
@view
def _record(hash: bytes32, closes_at: uint64, receipt_before: uint64) -> Record:
    times: uint256 = (convert(closes_at, uint256) << 192) | (convert(receipt_before, uint256) << 128)
    return Record(hash=hash, packed=times | (block.timestamp << 64) | block.number)


@internal
@pure
def _unpacked(record: Record) -> Anchored:
    return Anchored(
        hash=record.hash,
        closes_at=record.packed >> 192,
        receipt_before=(record.packed >> 128) & LOW_64_BITS,
        block_timestamp=(record.packed >> 64) & LOW_64_BITS,
        block_number=record.packed & LOW_64_BITS,
    )
