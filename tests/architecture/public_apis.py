"""A contract type for import-linter: the layers of a module that may be imported from outside, and their importers.

The contracts of the linter list what is forbidden, so that a new layer would be public until it is forbidden. This one
lists what is public; everything else is private by default.
"""

from typing import NamedTuple, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateImport(NamedTuple):
    """An import of a layer that is private to its module."""

    importer: str
    imported: str
    lines: tuple[int, ...]


class PublicApis(Contract):
    """From outside a module only its public layers may be imported, never the module itself.

    Options:
        modules: the package whose children are the modules.
        public_layers: the layers that every module may import.
        exceptions: `importer -> layer` allows one more layer of every module for one importer and its submodules.
    """

    type_name = "public_apis"

    modules = fields.StringField()
    public_layers = fields.SetField(subfield=fields.StringField())
    exceptions = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every import from outside a module that is not an import of a public layer."""
        del verbose
        modules = graph.find_children(cast("str", self.modules))
        private_imports = [
            private_import for module in sorted(modules) for private_import in self._private_imports(graph, module)
        ]
        return ContractCheck(kept=not private_imports, metadata={"private_imports": private_imports})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each import with its lines."""
        for private_import in check.metadata["private_imports"]:
            lines = ", ".join(map(str, private_import.lines))
            output.print_error(f"- {private_import.importer} -> {private_import.imported} (l.{lines})", bold=False)
        output.new_line()

    def _private_imports(self, graph: ImportGraph, module: str) -> list[PrivateImport]:
        inside = {module} | graph.find_descendants(module)
        return [
            PrivateImport(importer, imported, _lines(graph, importer=importer, imported=imported))
            for imported in sorted(inside)
            for importer in sorted(graph.find_modules_that_directly_import(imported) - inside)
            if not self._is_public(layer=_layer(imported, module), importer=importer)
        ]

    def _is_public(self, *, layer: str, importer: str) -> bool:
        if layer in cast("set[str]", self.public_layers):
            return True
        further = (entry.split(" -> ") for entry in cast("set[str]", self.exceptions))
        return any(f"{importer}.".startswith(f"{other}.") and layer == opened for other, opened in further)


def _layer(imported: str, module: str) -> str:
    return imported.removeprefix(module).removeprefix(".").partition(".")[0]


def _lines(graph: ImportGraph, *, importer: str, imported: str) -> tuple[int, ...]:
    details = graph.get_import_details(importer=importer, imported=imported)
    return tuple(detail["line_number"] for detail in details)
