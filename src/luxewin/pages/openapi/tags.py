"""The parts of the API, in the order in which a reader meets them."""

from collections.abc import Mapping
from types import MappingProxyType

TAGS: Mapping[str, str] = MappingProxyType(
    {
        "storefront": "What shoppers read: products, search, categories. Cached, and fresh within moments of a change.",
        "cart": "The cart of an account, or of a guest who holds its token.",
        "orders": "Placing, paying, cancelling and refunding orders.",
        "raffles": "Raffles: what can be won, buying tickets, and draws that anybody can verify.",
        "identity": "Accounts: registering, logging in, sessions, users.",
        "payments": "Payments at the gateways, and what the gateways tell.",
        "shipping": "Ways to ship, and what they cost.",
        "catalog": "What is for sale: products with variants, product types, categories, collections, tags.",
        "imports": "Whole catalogues in and out: CSV in the Shopify product format, JSONL.",
        "inventory": "Stock by variant and location: counted, moved, adjusted, never oversold.",
        "vendors": "Who sells in a marketplace.",
        "ledger": "Every movement of money, in double entry, and the proof that it adds up.",
        "tenants": "The shops of this installation.",
        "events": "The event log: every fact that was published, in order and without a gap.",
        "audit": "Who changed what, and when.",
    }
)
