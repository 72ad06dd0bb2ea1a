"""What the documentation says of costs and troubles is what is measured, and what there is."""

import hashlib
import re

from luxewin.modules.raffles.domain.anchoring import Trouble
from tests.architecture.tree import ROOT
from tests.chain.anvil import GENESIS, Anvil
from tests.chain.ledger import RECEIPT, RULES, Ledger

GUIDE = (ROOT / "docs" / "anchor.md").read_text(encoding="utf-8")
TIMES = GENESIS + 1_000, GENESIS + 1_500


def test_the_contract_uses_the_gas_that_the_documentation_tells(node: Anvil) -> None:
    ledger, me = Ledger.deployed(node), node.accounts[0]
    raffle = bytes.fromhex("018f00000000700080000000000000aa")
    first, second, receipt = (hashlib.sha256(bytes([number])).digest() for number in (1, 2, 3))
    (deployment,) = node.ask("eth_getBlockReceipts", "latest")
    used = [
        deployment,
        ledger.send(me, RULES, raffle, 1, first, bytes(32), *TIMES),
        ledger.send(me, RULES, raffle, 2, second, first, *TIMES),
        ledger.send(me, RECEIPT, raffle, 2, receipt),
    ]
    told = re.findall(r"^\| .* \| (\d+) \|$", GUIDE, re.MULTILINE)
    assert [int(receipt["gasUsed"], 16) for receipt in used] == [int(figure) for figure in told]


def test_the_documentation_tells_what_to_do_about_every_trouble() -> None:
    assert [trouble for trouble in Trouble if f"| `{trouble.value}` |" not in GUIDE] == []
