"""The table of settings says what the program reads, and no document names a setting that is not there."""

import re

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.settings import PREFIX, Settings, documented_table
from luxewin.kit.variables import Group, declared
from tests.architecture.tree import ROOT
from tests.docs.documents import DOCUMENTS

CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
_GROUPS: list[type[Group]] = [Settings, *(group for extension in SETTINGS_EXTENSIONS for group in extension.groups)]
_OF_PROVIDERS = [group for extension in SETTINGS_EXTENSIONS for group in extension.providers.values()]
ONLY_IN_TESTS = {"LUXEWIN_TEST_SERVER"}


def test_the_documented_table_is_the_generated_one() -> None:
    table = "".join(line for line in CONFIGURATION.splitlines(keepends=True) if line.startswith("|"))
    assert table == documented_table(SETTINGS_EXTENSIONS), (
        "put the output of `luxewin settings` into docs/configuration.md"
    )


def test_every_setting_is_documented() -> None:
    assert [name for name in declared(*_GROUPS) if f"| `{name}` |" not in CONFIGURATION] == []


def test_no_document_names_a_setting_that_does_not_exist() -> None:
    known = declared(*_GROUPS, *_OF_PROVIDERS).keys() | ONLY_IN_TESTS
    named = {name for document in DOCUMENTS for name in re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]\b", document.text)}
    # This one is misspelt on purpose: it shows what the program says of such a name.
    assert named - known == {"LUXEWIN_PROT"}
