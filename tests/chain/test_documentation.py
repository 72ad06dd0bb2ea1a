"""The gas in the documentation is the measured gas, and every problem is documented."""

import hashlib
import re

from luxewin.modules.raffles.domain.anchoring import AnchorProblem
from tests.architecture.tree import ROOT
from tests.chain.anchor_contract import RECEIPT, RULES, AnchorContract
from tests.chain.anvil import GENESIS, Anvil

GUIDE = (ROOT / "docs" / "anchor.md").read_text(encoding="utf-8")
TIMES = GENESIS + 1_000, GENESIS + 1_500


def test_the_contract_uses_the_documented_gas(node: Anvil) -> None:
    contract, me = AnchorContract.deployed(node), node.accounts[0]
    raffle = bytes.fromhex("018f00000000700080000000000000aa")
    first, second, receipt = (hashlib.sha256(bytes([number])).digest() for number in (1, 2, 3))
    (deployment,) = node.request("eth_getBlockReceipts", "latest")
    used = [
        deployment,
        contract.send(me, RULES, raffle, 1, first, bytes(32), *TIMES),
        contract.send(me, RULES, raffle, 2, second, first, *TIMES),
        contract.send(me, RECEIPT, raffle, 2, receipt),
    ]
    documented = re.findall(r"^\| .* \| (\d+) \|$", GUIDE, re.MULTILINE)
    assert [int(receipt["gasUsed"], 16) for receipt in used] == [int(figure) for figure in documented]


def test_every_problem_is_documented() -> None:
    assert [problem for problem in AnchorProblem if f"| `{problem.value}` |" not in GUIDE] == []
