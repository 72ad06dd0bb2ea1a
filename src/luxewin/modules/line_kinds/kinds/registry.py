"""The registry of line kinds. A new kind is a folder beside this file and an entry in `KINDS`."""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from luxewin.modules.line_kinds.kinds.goods.kind import Goods
from luxewin.modules.line_kinds.kinds.protocol import LineKind, Selection
from luxewin.modules.line_kinds.kinds.tickets.kind import Tickets
from luxewin.modules.line_kinds.schemas import NewCartItem


class OfKind(Protocol):
    """An object that has a line kind."""

    @property
    def kind(self) -> str:
        """The name of the kind."""


T = TypeVar("T", bound=OfKind)


class LineKinds:
    """Kinds of lines, by name.

    Their order is the order in which rows are locked, in every statement that reserves, fulfils or releases: a raffle's
    counter, which all its buyers share, after stock.
    """

    def __init__(self, *kinds: LineKind) -> None:
        self.kinds: Sequence[LineKind] = kinds

    def get(self, name: str) -> LineKind:
        """Return the kind with this name; stored rows always have the name of an existing kind."""
        return next(kind for kind in self.kinds if kind.name == name)

    def group_by_kind(self, objects: Iterable[T]) -> list[tuple[LineKind, list[T]]]:
        """Return the objects by their kind, in the order of the kinds; kinds without objects are left out."""
        by_name: dict[str, list[T]] = {}
        for each in objects:
            by_name.setdefault(each.kind, []).append(each)
        return [(kind, by_name[kind.name]) for kind in self.kinds if kind.name in by_name]

    def select(self, body: NewCartItem) -> Selection:
        """Return the selection of a request; the body's validator ensures that there is exactly one."""
        return next(selection for kind in self.kinds if (selection := kind.select(body)) is not None)


KINDS = LineKinds(Goods(), Tickets())
GOODS, TICKETS = Goods.name, Tickets.name
