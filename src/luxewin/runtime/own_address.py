"""The address of this installation."""

from typing import NamedTuple


class OwnAddress(NamedTuple):
    """The address at which this installation's own processes reach its API."""

    base_url: str
