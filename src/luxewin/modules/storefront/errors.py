"""Errors of the storefront."""

from luxewin.kit.errors import InvalidInput


class UnknownFilterValue(InvalidInput):
    """A filter names a category, collection or vendor that does not exist."""

    code = "storefront.unknown_filter_value"
    title = "A filter names something that does not exist"
