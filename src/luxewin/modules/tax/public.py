"""The public API of tax."""

from luxewin.modules.tax.domain import TaxableLine, TaxLine, TaxQuote
from luxewin.modules.tax.service import TaxProvider, quote

__all__ = ["TaxLine", "TaxProvider", "TaxQuote", "TaxableLine", "quote"]
