"""All guards that the drill removes, with the tests that must fail without them.

If two guards protect the same rule, each needs a test that only it makes pass: for a CHECK of the database a write that
bypasses the code, for the condition in the code the error that it raises.
"""

from collections.abc import Sequence

from tests.drill.anchors import ANCHORS
from tests.drill.browsers import BROWSERS
from tests.drill.edge import EDGE
from tests.drill.exposure import EXPOSURE
from tests.drill.goods import GOODS
from tests.drill.guard import Guard
from tests.drill.holds import HOLDS
from tests.drill.kit import KIT
from tests.drill.ledger import LEDGER
from tests.drill.lists import LISTS
from tests.drill.orders import ORDERS
from tests.drill.pages import PAGES
from tests.drill.payments import PAYMENTS
from tests.drill.people import PEOPLE
from tests.drill.policies import POLICIES
from tests.drill.raffles import RAFFLES
from tests.drill.readers import READERS
from tests.drill.stock import STOCK
from tests.drill.verification import VERIFICATION

__all__ = ["GUARDS", "Guard"]

GUARDS: Sequence[Guard] = (
    *KIT,
    *BROWSERS,
    *PAGES,
    *EDGE,
    *READERS,
    *EXPOSURE,
    *LISTS,
    *POLICIES,
    *PEOPLE,
    *GOODS,
    *STOCK,
    *ORDERS,
    *HOLDS,
    *PAYMENTS,
    *LEDGER,
    *ANCHORS,
    *RAFFLES,
    *VERIFICATION,
)
