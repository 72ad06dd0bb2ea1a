"""The parts of the API, in the order in which a reader meets them."""

from collections.abc import Mapping
from types import MappingProxyType

TAGS: Mapping[str, str] = MappingProxyType(
    {
        "identity": "Accounts: registering, logging in, sessions, users.",
        "storefront": "What shoppers read: products, search, categories. Cached, and fresh within moments of a change.",
        "catalog": "What is for sale: products with variants, product types, categories, collections, tags, imports.",
        "vendors": "Who sells in a marketplace.",
        "inventory": "Stock by variant and location: counted, moved, adjusted, never oversold.",
        "cart": "The cart of an account, or of a guest who holds its token.",
        "shipping": "Ways to ship, and what they cost.",
        "orders": "Placing, paying, cancelling and refunding orders.",
        "payments": "Payments at the gateways, and what the gateways tell.",
        "ledger": "Every movement of money, in double entry, and the proof that it adds up.",
        "tenants": "The shops of this installation.",
        "audit": "Who changed what, and when; the facts that were published.",
    }
)
