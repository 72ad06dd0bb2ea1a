"""What `luxewin import` prints, and the options that it reads."""

import pytest

from luxewin.cli import products
from luxewin.kit.startup import StartupError
from luxewin.modules.catalog_import.public import OnError
from tests.workflows.import_catalog.desk import Desk
from tests.workflows.import_catalog.files import file_of, plain


async def test_a_dry_run_prints_how_the_file_is_read_and_its_notes(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    report = await desk.import_file(b"Handle;Title;Body HTML;Variant Price\na;[A];x;9,50\n", dry_run=True)
    products._print_report(report, dry_run=True)
    printed = capsys.readouterr().err
    assert "Products by shopify, UTF-8, separated by ';', decimals after ','" in printed
    assert "Variant Price" in printed
    assert "[A]" in printed
    assert "Products: 1 would be created, 0 would be changed, 0 unchanged" in printed
    assert "Note, line 1, Body HTML: The column 'Body HTML' is unknown" in printed


async def test_a_failed_import_says_that_nothing_was_imported_and_counts_one_error_in_the_singular(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of([plain("cup"), plain("pot", **{"Variant Price": "free"})])
    report = await desk.import_file(file, on_error=OnError.ABORT)
    products._print_report(report, dry_run=False)
    printed = capsys.readouterr().err
    assert "Nothing was imported" in printed
    assert "The file has 1 error; nothing was changed" in printed
    assert "0 created" not in printed


def test_the_mapping_of_the_command_is_read_and_a_wrong_one_is_explained() -> None:
    options = products.reading_options(["A=B=Title", "Note="], delimiter="tab", encoding="GBK", decimal="comma")
    assert options.mapping == {"A=B": "Title", "Note": None}
    assert (options.delimiter, options.encoding, options.decimal) == ("\t", "gbk", ",")
    with pytest.raises(StartupError, match="--map Title names no field"):
        products.reading_options(["Title"], delimiter=None, encoding=None, decimal=None)
    with pytest.raises(StartupError, match="The encoding latin-9 is unknown"):
        products.reading_options([], delimiter=None, encoding="latin-9", decimal=None)
    with pytest.raises(StartupError, match="--image-base /media/ is no address"):
        products.reading_options([], delimiter=None, encoding=None, decimal=None, image_base="/media/")
