"""The contract, spoken to without the client that is under test."""

from dataclasses import dataclass
from typing import Any

from eth_abi import decode, encode  # type: ignore[attr-defined] # exported, though not by name
from eth_utils.abi import function_signature_to_4byte_selector

from luxewin.modules.raffles.anchors.artefact import draw_anchor
from tests.chain.anvil import Anvil, NodeRefused

RULES = "anchor_rules(bytes16,uint64,bytes32,bytes32,uint64,uint64)"
RECEIPT = "anchor_receipt(bytes16,uint64,bytes32)"
RULES_OF = "rules_of(address,bytes16,uint64)"
RECEIPT_OF = "receipt_of(address,bytes16)"


@dataclass(frozen=True)
class Ledger:
    """The contract at its address on a node that signs for its own accounts."""

    node: Anvil
    address: str

    @classmethod
    def deployed(cls, node: Anvil) -> "Ledger":
        """Put the contract on the chain."""
        creation = {"from": node.accounts[3], "data": "0x" + draw_anchor().creation_code.hex()}
        sent = node.ask("eth_sendTransaction", creation)
        node.mine()
        return cls(node, node.ask("eth_getTransactionReceipt", sent)["contractAddress"])

    def send(self, sender: str, signature: str, *arguments: Any, at: int | None = None) -> dict[str, Any]:
        """Mine a call in a block of its own, and return its receipt; it is sent even where it will fail."""
        call = {"from": sender, "to": self.address, "data": calldata(signature, *arguments), "gas": hex(500_000)}
        sent = self.node.ask("eth_sendTransaction", call)
        self.node.mine(at=at)
        receipt: dict[str, Any] = self.node.ask("eth_getTransactionReceipt", sent)
        return receipt

    def error(self, sender: str, signature: str, *arguments: Any, at: int) -> str:
        """Return why the contract would refuse a call in a block of this time; empty where it would not."""
        call = {"from": sender, "to": self.address, "data": calldata(signature, *arguments)}
        try:
            self.node.ask("eth_call", call, "latest", None, {"time": hex(at)})
        except NodeRefused as refused:
            return str(refused)
        return ""

    def read(self, signature: str, *arguments: Any) -> tuple[bytes, int, int, int, int]:
        """Read what the contract keeps."""
        call = {"to": self.address, "data": calldata(signature, *arguments)}
        answer = bytes.fromhex(self.node.ask("eth_call", call, "latest")[2:])
        (kept,) = decode(["(bytes32,uint256,uint256,uint256,uint256)"], answer)
        found: tuple[bytes, int, int, int, int] = kept
        return found


def calldata(signature: str, *arguments: Any) -> str:
    """Encode a call, as the ABI's specification says."""
    types = signature.partition("(")[2].removesuffix(")").split(",")
    return "0x" + (function_signature_to_4byte_selector(signature) + encode(types, arguments)).hex()
