"""The public API of line kinds: their registry, their protocol, and their parts of tables and API."""

from luxewin.modules.line_kinds.domain import ITEM_IN_ROWS, ITEM_INDEXES, KINDS_IN_ROWS, LINE_IN_ROWS, REFERENCES
from luxewin.modules.line_kinds.errors import ItemUnavailable
from luxewin.modules.line_kinds.kinds.protocol import (
    Bought,
    Buyer,
    Dispatch,
    Ending,
    LineKind,
    Offer,
    Quote,
    QuotedLine,
    Returned,
    Selection,
    Services,
    ServicesByType,
    Wanted,
)
from luxewin.modules.line_kinds.kinds.registry import GOODS, KINDS, TICKETS, LineKinds
from luxewin.modules.line_kinds.repository import FREE_ORDERS
from luxewin.modules.line_kinds.schemas import (
    ITEM_EXAMPLES,
    LINE_EXAMPLE,
    SELECTION_HELP,
    ItemFields,
    LineFields,
    NewCartItem,
)

__all__ = [
    "FREE_ORDERS",
    "GOODS",
    "ITEM_EXAMPLES",
    "ITEM_INDEXES",
    "ITEM_IN_ROWS",
    "KINDS",
    "KINDS_IN_ROWS",
    "LINE_EXAMPLE",
    "LINE_IN_ROWS",
    "REFERENCES",
    "SELECTION_HELP",
    "TICKETS",
    "Bought",
    "Buyer",
    "Dispatch",
    "Ending",
    "ItemFields",
    "ItemUnavailable",
    "LineFields",
    "LineKind",
    "LineKinds",
    "NewCartItem",
    "Offer",
    "Quote",
    "QuotedLine",
    "Returned",
    "Selection",
    "Services",
    "ServicesByType",
    "Wanted",
]
