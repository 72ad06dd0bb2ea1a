"""A contract type for import-linter: which rooms of a module stand open, and to whom.

The contracts that come with the linter list what is forbidden, so that a new room would stand open until somebody
remembered to close it. This one lists what is open; everything else is closed from the day it is written.
"""

from typing import NamedTuple, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class Intrusion(NamedTuple):
    """An import of a room that is closed to its importer."""

    importer: str
    imported: str
    lines: tuple[int, ...]


class FrontDoors(Contract):
    """From outside a module only its open rooms may be imported, never the module itself.

    Options:
        modules: the package whose children are the modules.
        open_rooms: the rooms that everybody may import.
        further_rooms: `importer -> room` opens one more room of every module to one importer and what is inside it.
    """

    type_name = "front_doors"

    modules = fields.StringField()
    open_rooms = fields.SetField(subfield=fields.StringField())
    further_rooms = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every import that comes from outside a module and leads past its front doors."""
        del verbose
        modules = graph.find_children(cast("str", self.modules))
        intrusions = [intrusion for module in sorted(modules) for intrusion in self._intrusions(graph, module)]
        return ContractCheck(kept=not intrusions, metadata={"intrusions": intrusions})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import with its lines."""
        for intrusion in check.metadata["intrusions"]:
            lines = ", ".join(map(str, intrusion.lines))
            output.print_error(f"- {intrusion.importer} -> {intrusion.imported} (l.{lines})", bold=False)
        output.new_line()

    def _intrusions(self, graph: ImportGraph, module: str) -> list[Intrusion]:
        inside = {module} | graph.find_descendants(module)
        return [
            Intrusion(importer, imported, _lines(graph, importer=importer, imported=imported))
            for imported in sorted(inside)
            for importer in sorted(graph.find_modules_that_directly_import(imported) - inside)
            if not self._is_open(room=_room(imported, module), importer=importer)
        ]

    def _is_open(self, *, room: str, importer: str) -> bool:
        if room in cast("set[str]", self.open_rooms):
            return True
        further = (entry.split(" -> ") for entry in cast("set[str]", self.further_rooms))
        return any(f"{importer}.".startswith(f"{guest}.") and room == opened for guest, opened in further)


def _room(imported: str, module: str) -> str:
    return imported.removeprefix(module).removeprefix(".").partition(".")[0]


def _lines(graph: ImportGraph, *, importer: str, imported: str) -> tuple[int, ...]:
    details = graph.get_import_details(importer=importer, imported=imported)
    return tuple(detail["line_number"] for detail in details)
