"""Stock: stock levels by location, reservations, and the ledger of stock movements."""
