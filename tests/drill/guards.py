"""Every guard that the drill takes away, and the tests that must notice.

A guard behind which another one stands is watched by a test that only this one can keep green: the database's CHECK by
a write past the code, the code's condition by the refusal that it answers with.
"""

from collections.abc import Sequence

from tests.drill.anchors import ANCHORS
from tests.drill.edge import EDGE
from tests.drill.goods import GOODS
from tests.drill.guard import Guard
from tests.drill.kit import KIT
from tests.drill.ledger import LEDGER
from tests.drill.orders import ORDERS
from tests.drill.payments import PAYMENTS
from tests.drill.people import PEOPLE
from tests.drill.raffles import RAFFLES
from tests.drill.stock import STOCK

__all__ = ["GUARDS", "Guard"]

GUARDS: Sequence[Guard] = (*KIT, *EDGE, *PEOPLE, *GOODS, *STOCK, *ORDERS, *PAYMENTS, *LEDGER, *ANCHORS, *RAFFLES)
