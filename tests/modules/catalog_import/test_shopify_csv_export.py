"""Exports of products: they are read back unchanged, and no cell runs as a formula in a spreadsheet."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from luxewin.modules.catalog_import.domain.csv_files import read
from luxewin.modules.catalog_import.domain.shopify_csv import (
    GOOGLE_FIELDS,
    ImageDraft,
    InvalidDraftError,
    InventoryPolicy,
    ProductDraft,
    Status,
    UnreadableAmountError,
    VariantDraft,
    WeightUnit,
    decimal_text,
    escape_formula,
    minor_from,
    unescape_formula,
    write,
)
from luxewin.modules.catalog_import.domain.shopify_csv.codes import spelled
from tests.architecture.tree import ROOT

STARTS_OF_FORMULAS = tuple("=+-@\t\r\n\ufeff\uff1d\uff0b\uff0d\uff20")


@pytest.mark.parametrize(
    ("text", "exponent", "minor"),
    [("9.99", 2, 999), ("500", 2, 50000), ("1,299.00", 2, 129900), ("500.00", 0, 500), ("9.990", 3, 9990), ("0", 2, 0)],
)
def test_an_amount_is_read_exactly(text: str, exponent: int, minor: int) -> None:
    assert minor_from(text, exponent=exponent) == minor


@pytest.mark.parametrize("text", ["1,299", "1.299,00", "9.990", "1'299.00", "12,5"])
def test_an_amount_with_two_meanings_is_refused(text: str) -> None:
    with pytest.raises(UnreadableAmountError) as error:
        minor_from(text, exponent=2)
    assert error.value.code == "amount_ambiguous"


@given(st.integers(0, 10**12), st.integers(0, 4))
def test_an_amount_that_is_written_is_read_back(minor: int, exponent: int) -> None:
    assert minor_from(decimal_text(minor, exponent=exponent), exponent=exponent) == minor


@given(st.text(st.sampled_from("'=+-@\t\r\n\ufeff\uff1d\uff0b\uff0d\uff201.x "), max_size=8))
@example("=1+1")
@example("'=1+1")
@example("-5")
def test_a_cell_that_would_run_is_disarmed_and_given_back_exactly(text: str) -> None:
    cell = escape_formula(text)
    assert unescape_formula(cell) == text
    assert not cell.startswith(STARTS_OF_FORMULAS) or cell.removeprefix("-").removeprefix("+")[0].isdigit()


@pytest.mark.parametrize("start", STARTS_OF_FORMULAS)
def test_every_text_of_an_export_that_a_spreadsheet_would_run_is_disarmed(start: str) -> None:
    text = f"{start}1+1"
    label = text if text == text.strip() else "=1+1"
    product = ProductDraft(
        handle=label,
        name=label,
        description=text,
        vendor=label,
        type=label,
        tags=(label,),
        variants=(VariantDraft(price_minor=1, sku=label, barcode=label, extra={label: text}),),
    )
    cells = [cell for line in csv.reader(StringIO("".join(write([product], exponent=2)), newline="")) for cell in line]
    assert [cell for cell in cells if cell.startswith(STARTS_OF_FORMULAS)] == []
    assert sum(text in cell for cell in cells) >= 2


def test_there_is_one_writer_of_csv() -> None:
    sources = (ROOT / "src").rglob("*.py")
    writers = {file.parent.name for file in sources if re.search(r"text/csv|csv\.writer|DictWriter", file.read_text())}
    assert writers <= {"export_catalog", "shopify_csv"}


def test_an_export_hands_no_formula_to_a_spreadsheet() -> None:
    product = ProductDraft(
        handle="=cmd|' /C calc'!A0",
        name="+1",
        description="@SUM(1)",
        tags=("-x",),
        variants=(VariantDraft(price_minor=1, quantity=-3, extra={"=col": "\t=1"}),),
    )
    header, row = write([product], exponent=2)
    assert header.rstrip().endswith(",'=col")
    assert row.startswith("'=cmd|' /C calc'!A0,+1,'@SUM(1),,,'-x,")
    assert ",-3," in row


LETTERS = "ab é€=+-@\uff1d\uff0b\uff0d\uff20'\",\r\n\t;\ufeff\u2028\x85\x1c0"
SAYING = st.text(st.sampled_from(LETTERS), min_size=1, max_size=12).filter(str.strip)
PROSE = st.just("") | SAYING
NAMES = SAYING.map(str.strip)
LABELS = st.just("") | NAMES
TAGS = NAMES.map(lambda text: text.replace(",", ";"))
ADDRESSES = st.sampled_from(["/a.svg", "https://images.example.com/b,c.jpg", "http://x/?a=b"])
AMOUNTS = st.integers(0, 10**12)
COUNTS = st.integers(0, 2**31 - 1)
OF_PRODUCT = st.sampled_from(
    ["Product Category", "Included / Mars", "=X (product.metafields.a.b)", "Option1 Linked To"]
)
OF_ROW = st.sampled_from(["Price / International", "Shelf", "=1+1", "Unit, price", "Variant Metafield"])
OF_LATER_ROW = OF_PRODUCT | OF_ROW | st.sampled_from(["Google Shopping / MPN", "Google Shopping / Gender"])


@st.composite
def images(draw: st.DrawFn) -> ImageDraft:
    return ImageDraft(
        src=draw(NAMES),
        position=draw(st.none() | st.integers(1, 2**31 - 1)),
        alt=draw(PROSE),
        extra=draw(st.just({}) | st.dictionaries(OF_LATER_ROW, SAYING, max_size=2)),
    )


@st.composite
def variants(draw: st.DrawFn, options: tuple[str, ...], extra_names: st.SearchStrategy[str]) -> VariantDraft:
    return VariantDraft(
        options=options,
        price_minor=draw(AMOUNTS),
        compare_at_minor=draw(st.none() | AMOUNTS),
        cost_minor=draw(st.none() | AMOUNTS),
        sku=draw(st.none() | NAMES.map(spelled)),
        barcode=draw(LABELS),
        weight_grams=draw(st.none() | COUNTS),
        weight_unit=draw(st.none() | st.sampled_from(WeightUnit)),
        inventory_tracker=draw(LABELS),
        quantity=draw(st.none() | st.integers(-(2**31) + 1, 2**31 - 1)),
        inventory_policy=draw(st.sampled_from(InventoryPolicy)),
        fulfilment_service=draw(NAMES),
        requires_shipping=draw(st.booleans()),
        taxable=draw(st.booleans()),
        tax_code=draw(LABELS),
        image_url=draw(st.none() | ADDRESSES),
        hs_code=draw(st.none() | st.sampled_from(["610910", "6109.10.0012"])),
        country_of_origin=draw(st.none() | st.sampled_from(["DE", "PT"])),
        extra=draw(st.dictionaries(extra_names, SAYING, max_size=2)),
    )


@st.composite
def products(draw: st.DrawFn, handle: str) -> ProductDraft:
    names = tuple(draw(st.lists(NAMES | st.just("Title"), max_size=3, unique=True)))
    values = st.tuples(*[NAMES | st.just("Default Title")] * len(names))
    keys = draw(st.lists(values, min_size=1, max_size=4 if names else 1, unique=True))
    if names == ("Title",) and keys == [("Default Title",)]:
        names, keys = (), [()]
    first, *later = keys
    return ProductDraft(
        handle=handle,
        name=draw(SAYING),
        description=draw(PROSE),
        vendor=draw(PROSE),
        type=draw(PROSE),
        tags=tuple(draw(st.lists(TAGS, max_size=3, unique=True))),
        published=draw(st.booleans()),
        status=draw(st.sampled_from(Status)),
        gift_card=draw(st.booleans()),
        options=names,
        variants=(draw(variants(first, OF_ROW)), *(draw(variants(key, OF_LATER_ROW)) for key in later)),
        images=tuple(draw(st.lists(images(), max_size=4))),
        seo_title=draw(PROSE),
        seo_description=draw(PROSE),
        google=draw(st.dictionaries(st.sampled_from(GOOGLE_FIELDS), SAYING, max_size=2)),
        extra=draw(st.dictionaries(OF_PRODUCT, SAYING, max_size=2)),
    )


@st.composite
def catalogues(draw: st.DrawFn) -> list[ProductDraft]:
    return [draw(products(handle)) for handle in draw(st.lists(NAMES, max_size=3, unique=True))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(catalogues(), st.integers(0, 4))
def test_written_products_are_read_back_unchanged(catalogue: list[ProductDraft], exponent: int) -> None:
    assert list(read(write(catalogue, exponent=exponent), exponent=exponent)) == catalogue


@pytest.mark.parametrize("code", ['=""', '="0042"', '\'="0042"', "'42", "=42", "-1"])
def test_a_code_that_looks_like_the_mark_of_a_spreadsheet_is_read_back_unchanged(code: str) -> None:
    variant = VariantDraft(price_minor=1, sku=code, barcode=code)
    product = ProductDraft(handle="a", name="A", variants=(variant,))
    assert list(read(write([product], exponent=2), exponent=2)) == [product]


def test_an_export_with_given_columns_is_streamed() -> None:
    def endless() -> Iterator[ProductDraft]:
        while True:
            yield ProductDraft(handle="a", name="A", variants=(VariantDraft(price_minor=1),))

    assert len(list(islice(write(endless(), exponent=2, extra_columns=["Shelf"]), 100))) == 100


def test_an_export_does_not_lose_a_column_that_was_not_given() -> None:
    product = ProductDraft(handle="a", name="A", variants=(VariantDraft(price_minor=1, extra={"Shelf": "3"}),))
    with pytest.raises(InvalidDraftError):
        list(write([product], exponent=2, extra_columns=[]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"handle": " a"},
        {"name": " "},
        {"tags": ("a,b",)},
        {"options": ("Size",)},
        {"google": {"Colour": "red"}},
        {"extra": {"Shelf": "3"}},
        {"options": ("Title",), "variants": (VariantDraft(price_minor=1, options=("Default Title",)),)},
    ],
)
def test_a_draft_that_no_file_can_say_cannot_be_made(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {"handle": "a", "name": "A", "variants": (VariantDraft(price_minor=1),)}
    with pytest.raises(InvalidDraftError):
        ProductDraft(**{**right, **wrong})  # type: ignore[arg-type] # the test passes wrong types on purpose


@pytest.mark.parametrize(("exponent", "example"), [(0, "999"), (2, "9.99"), (3, "9.990")])
def test_the_example_of_an_amount_fits_the_currency(exponent: int, example: str) -> None:
    with pytest.raises(UnreadableAmountError, match=f"write it like {example}$"):
        minor_from("ten", exponent=exponent)
    assert minor_from(example, exponent=exponent) > 0
