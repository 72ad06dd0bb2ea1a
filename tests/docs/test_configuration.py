"""The documented settings are those of the program, and no document names a setting that does not exist."""

import re

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.settings import PREFIX, Settings, format_settings_table
from luxewin.kit.variables import list_variables
from tests.architecture.tree import ROOT
from tests.docs.documents import DOCUMENTS

CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
DOCUMENTED = list_variables(Settings, *(group for extension in SETTINGS_EXTENSIONS for group in extension.groups))
KNOWN = list_variables(Settings, *(group for extension in SETTINGS_EXTENSIONS for group in extension.all_groups))
"""All settings: those of the program and its modules, and those of providers, which `luxewin settings` prints."""

ONLY_IN_TESTS = {"LUXEWIN_TEST_SERVER"}


def test_the_documented_table_of_settings_is_up_to_date() -> None:
    table = "".join(line for line in CONFIGURATION.splitlines(keepends=True) if line.startswith("|"))
    assert table == format_settings_table(SETTINGS_EXTENSIONS), (
        "put the output of `luxewin settings` into docs/configuration.md"
    )


def test_every_setting_is_documented() -> None:
    assert [name for name in DOCUMENTED if f"| `{name}` |" not in CONFIGURATION] == []


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    known = KNOWN.keys() | ONLY_IN_TESTS
    named = {name for document in DOCUMENTS for name in re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", document.text)}
    # Misspelt on purpose, to show the error for an unknown setting.
    assert named - known == {"LUXEWIN_PROT"}
