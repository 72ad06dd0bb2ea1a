"""The anchor contract, called without the client that is under test."""

from dataclasses import dataclass
from typing import Any

from eth_abi import decode, encode  # type: ignore[attr-defined] # exported, though not by name
from eth_utils.abi import function_signature_to_4byte_selector

from luxewin.modules.raffles.anchors.artefact import draw_anchor
from tests.chain.anvil import Anvil, NodeError

RULES = "anchor_rules(bytes16,uint64,bytes32,bytes32,uint64,uint64)"
RECEIPT = "anchor_receipt(bytes16,uint64,bytes32)"
RULES_OF = "rules_of(address,bytes16,uint64)"
RECEIPT_OF = "receipt_of(address,bytes16)"


@dataclass(frozen=True)
class AnchorContract:
    """A deployed contract, on a node that signs for its own accounts."""

    node: Anvil
    address: str

    @classmethod
    def deployed(cls, node: Anvil) -> "AnchorContract":
        """Deploy the contract."""
        creation = {"from": node.accounts[3], "data": "0x" + draw_anchor().creation_code.hex()}
        sent = node.request("eth_sendTransaction", creation)
        node.mine()
        return cls(node, node.request("eth_getTransactionReceipt", sent)["contractAddress"])

    def send(self, sender: str, signature: str, *arguments: Any, at: int | None = None) -> dict[str, Any]:
        """Mine a call in a block of its own, and return its receipt; a call that will revert is sent too."""
        call = {"from": sender, "to": self.address, "data": calldata(signature, *arguments), "gas": hex(500_000)}
        sent = self.node.request("eth_sendTransaction", call)
        self.node.mine(at=at)
        receipt: dict[str, Any] = self.node.request("eth_getTransactionReceipt", sent)
        return receipt

    def error(self, sender: str, signature: str, *arguments: Any, at: int) -> str:
        """Return why the contract would revert a call in a block at this time; empty if it would not."""
        call = {"from": sender, "to": self.address, "data": calldata(signature, *arguments)}
        try:
            self.node.request("eth_call", call, "latest", None, {"time": hex(at)})
        except NodeError as error:
            return str(error)
        return ""

    def read(self, signature: str, *arguments: Any) -> tuple[bytes, int, int, int, int]:
        """Read what the contract stores."""
        call = {"to": self.address, "data": calldata(signature, *arguments)}
        answer = bytes.fromhex(self.node.request("eth_call", call, "latest")[2:])
        (decoded,) = decode(["(bytes32,uint256,uint256,uint256,uint256)"], answer)
        record: tuple[bytes, int, int, int, int] = decoded
        return record


def calldata(signature: str, *arguments: Any) -> str:
    """Encode a call as the ABI specification defines it."""
    types = signature.partition("(")[2].removesuffix(")").split(",")
    return "0x" + (function_signature_to_4byte_selector(signature) + encode(types, arguments)).hex()
