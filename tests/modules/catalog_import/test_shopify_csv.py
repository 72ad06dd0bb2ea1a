"""Product files: they are read exactly, written products are read back, and errors are reported with their position."""

from collections.abc import Callable, Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.catalog_import.domain.csv_files import read
from luxewin.modules.catalog_import.domain.shopify_csv import (
    DecodedText,
    ImageDraft,
    InventoryPolicy,
    NotAProductFile,
    ProductDraft,
    RowError,
    Status,
    VariantDraft,
    WeightUnit,
    write,
)

CLASSIC = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
    "Option3 Name,Option3 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,"
    "Variant Inventory Policy,Variant Fulfillment Service,Variant Price,Variant Compare At Price,"
    "Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,"
    "SEO Title,SEO Description,Google Shopping / Google Product Category,Google Shopping / Gender,"
    "Google Shopping / Age Group,Google Shopping / MPN,Google Shopping / AdWords Grouping,"
    "Google Shopping / AdWords Labels,Google Shopping / Condition,Google Shopping / Custom Product,"
    "Google Shopping / Custom Label 0,Google Shopping / Custom Label 1,Google Shopping / Custom Label 2,"
    "Google Shopping / Custom Label 3,Google Shopping / Custom Label 4,Variant Image,Variant Weight Unit,"
    "Variant Tax Code\n"
)
STOOLS = CLASSIC + (
    'stool,Oak Stool,"<p>Three legs,\nand a ""seat"".</p>",Hearthside,Dining,"Oak, Stool",true,Finish,Raw,,,,,,4200,,3,'
    "deny,manual,89.5,,true,true,,/raw.svg,1,,false" + "," * 16 + "/raw-close.svg,kg,\n"
    "stool"
    + "," * 8
    + "Oiled,,,,,OAK-2,4200,shopify,-2,continue,manual,99,120,true,false,,/oiled.svg,2,Oiled oak"
    + "," * 18
    + "kg,\n"
    "stool" + "," * 24 + "/both.svg,3," + "," * 19 + "\n"
    "lamp,Lamp,,,,,TRUE,Title,Default Title,,,,,,0,,1,deny,manual,500,750,true,true,,/lamp.svg,,,false"
    + "," * 17
    + "kg,"
)
LINE_OF_64 = "x" * 63 + "\n"
SMALL = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src\n"


def drafts(text: str, *, exponent: int = 2) -> list[ProductDraft]:
    found = list(read([text], exponent=exponent))
    assert not [each for each in found if isinstance(each, RowError)]
    return [each for each in found if isinstance(each, ProductDraft)]


def errors(text: str) -> list[tuple[int, str | None, str]]:
    return [(each.line, each.column, each.code) for each in read([text], exponent=2) if isinstance(each, RowError)]


def handles(text: str) -> list[str]:
    return [each.handle for each in read([text], exponent=2) if isinstance(each, ProductDraft)]


def test_a_product_is_read_with_its_variants_and_images() -> None:
    stool, lamp = drafts(STOOLS)
    assert stool == ProductDraft(
        handle="stool",
        name="Oak Stool",
        description='<p>Three legs,\nand a "seat".</p>',
        vendor="Hearthside",
        type="Dining",
        tags=("Oak", "Stool"),
        options=("Finish",),
        variants=(
            VariantDraft(
                options=("Raw",),
                price_minor=8950,
                weight_grams=4200,
                weight_unit=WeightUnit.KG,
                quantity=3,
                image_url="/raw-close.svg",
            ),
            VariantDraft(
                options=("Oiled",),
                price_minor=9900,
                compare_at_minor=12000,
                sku="OAK-2",
                weight_grams=4200,
                weight_unit=WeightUnit.KG,
                inventory_tracker="shopify",
                quantity=-2,
                inventory_policy=InventoryPolicy.CONTINUE,
                taxable=False,
            ),
        ),
        images=(
            ImageDraft(src="/raw.svg", position=1),
            ImageDraft(src="/oiled.svg", position=2, alt="Oiled oak"),
            ImageDraft(src="/both.svg", position=3),
        ),
    )
    assert [variant.tracked for variant in stool.variants] == [False, True]
    assert (stool.line, lamp.line) == (2, 6)
    assert (lamp.options, lamp.variants[0].options, lamp.variants[0].sku) == ((), (), None)
    assert lamp.images == (ImageDraft(src="/lamp.svg", position=None),)


def test_the_newer_template_is_read_like_the_classic_one() -> None:
    text = (
        "Title,URL handle,Description,Product category,Published on online store,Status,SKU,Option1 name,Option1 value,"
        "Option1 Linked To,Price,Compare-at price,Charge tax,Inventory tracker,Inventory quantity,"
        "Continue selling when out of stock,Weight value (grams),Requires shipping,Product image URL,"
        "Color (product.metafields.shopify.color-pattern),Google Shopping / Manufacturer part number (MPN),"
        "Price / International\n"
        "Rug,rug,Wool,Home > Rugs,TRUE,Draft,R-S,Size,S,product.metafields.x.size,10,12,TRUE,shopify,4,DENY,150.4,TRUE,"
        "/rug.svg,green; red,M-1,11\n"
        ",rug,,,,,R-L,,L,,20,,,,,CONTINUE,,,,,M-2,22\n"
    )
    (rug,) = drafts(text)
    small, large = rug.variants
    assert (rug.handle, rug.description, rug.status, rug.google) == ("rug", "Wool", Status.DRAFT, {"MPN": "M-1"})
    assert rug.extra == {
        "Product category": "Home > Rugs",
        "Option1 Linked To": "product.metafields.x.size",
        "Color (product.metafields.shopify.color-pattern)": "green; red",
    }
    assert (small.price_minor, small.compare_at_minor, small.weight_grams, small.sku) == (1000, 1200, 150, "R-S")
    assert small.extra == {"Price / International": "11"}
    assert large.extra == {"Price / International": "22", "Google Shopping / MPN": "M-2"}
    assert (large.inventory_policy, large.requires_shipping, large.quantity) == (InventoryPolicy.CONTINUE, False, None)
    assert drafts("".join(write([rug], exponent=2))) == [rug]


def test_a_missing_value_is_not_read_as_zero_or_false() -> None:
    (product,) = drafts("handle , TITLE,variant price\nbowl,Bowl,0\n")
    assert product == ProductDraft(handle="bowl", name="Bowl", variants=(VariantDraft(price_minor=0),))


def test_an_option_called_title_with_values_of_its_own_is_an_option() -> None:
    (print_,) = drafts(SMALL + "art,Art,Title,Small,5,\nart,,,Large,7,\n")
    assert print_.options == ("Title",)
    assert [variant.options for variant in print_.variants] == [("Small",), ("Large",)]


def test_repeating_the_product_on_each_row_is_no_contradiction() -> None:
    (bowl,) = drafts(SMALL + "bowl,Bowl,Size,S,5,\nbowl,Bowl,Size,L,7,\n")
    assert len(bowl.variants) == 2


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ("bowl,,,,5,\n", (2, "Title", "title_missing")),
        ("bowl,Bowl,,,,\n", (2, "Variant Price", "price_missing")),
        ("bowl,Bowl,,,-5,\n", (2, "Variant Price", "amount_negative")),
        ("bowl,Bowl,,,NaN,\n", (2, "Variant Price", "amount_not_a_number")),
        ("bowl,Bowl,,,9.999,\n", (2, "Variant Price", "amount_too_precise")),
        ('bowl,Bowl,,,"1,299",\n', (2, "Variant Price", "amount_ambiguous")),
        ("bowl,Bowl,,,90071992547409.92,\n", (2, "Variant Price", "amount_too_large")),
        ("bowl,Bowl,,,$5,\n", (2, "Variant Price", "amount_unreadable")),
        ("bowl,Bowl,Size,,5,\n", (2, "Option1 Value", "option_value_missing")),
        ("bowl,Bowl,Size,S,5,\nbowl,,,S,6,\n", (3, "Option1 Value", "variant_repeated")),
        ("bowl,Bowl,Size,S,5,\nbowl,Dish,,L,6,\n", (3, "Title", "contradiction")),
        ("bowl,Bowl,,,5\n", (2, None, "row_too_short")),
        ("bowl,Bowl,,,5,,x\n", (2, None, "row_too_long")),
        (",Bowl,,,5,\n", (2, "Handle", "handle_missing")),
    ],
)
def test_a_faulty_row_is_named_by_its_line_and_column(rows: str, error: tuple[int, str, str]) -> None:
    assert errors(SMALL + rows) == [error]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("Published", "maybe", "word_unknown"),
        ("Status", "sold", "word_unknown"),
        ("Variant Inventory Policy", "perhaps", "word_unknown"),
        ("Variant Weight Unit", "stone", "word_unknown"),
        ("Variant Inventory Qty", "1.5", "number_unreadable"),
        ("Variant Inventory Qty", "9999999999", "number_out_of_range"),
        ("Variant Grams", "light", "number_unreadable"),
        ("Image Position", "2", "image_address_missing"),
        ("Option2 Value", "Red", "option_name_missing"),
        ("Cost per item", "-1", "amount_negative"),
        ("Tags", ",".join(map(str, range(251))), "tags_too_many_or_long"),
        ("", "stray", "cell_without_column"),
    ],
)
def test_a_cell_that_means_nothing_is_refused(column: str, cell: str, code: str) -> None:
    assert [each[2] for each in errors(f'Handle,Title,Variant Price,{column}\nbowl,Bowl,5,"{cell}"\n')] == [code]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = SMALL.replace("\n", "\r\n") + 'a,"A\nB\r\nC",,,5,\r\n\r\nbowl,Bowl,,,free,\r\n'
    assert handles(text) == ["a"]
    assert errors(text) == [(6, "Variant Price", "amount_unreadable")]


def test_a_product_is_read_completely_or_not_at_all() -> None:
    text = SMALL + "a,A,Size,S,5,\na,,,L,free,\nb,B,,,5,\nb,,,,,/b.svg\n,,,,,/lost.svg\nc,C,,,5,\n"
    assert handles(text) == ["c"]
    assert [line for line, _, _ in errors(text)] == [3, 6]


def test_a_row_cut_in_its_handle_leaves_out_the_product_that_it_may_belong_to() -> None:
    assert handles(SMALL + "a,A,,,5,\nbowl,Bowl,Size,S,5,\nbow") == ["a"]


def test_a_handle_that_occurs_again_later_is_an_error() -> None:
    text = SMALL + "a,A,Size,S,5,\nb,B,,,5,\na,,,L,6,\n"
    assert handles(text) == ["a", "b"]
    assert errors(text) == [(4, "Handle", "handle_returns")]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("", "empty", None),
        ("\n\r\n", "empty", None),
        ("Name,Price\n", "missing_columns", 1),
        ("Handle,Title,Title,Variant Price\n", "duplicate_columns", 1),
        ("Handle,Title,Price,Variant Price\n", "duplicate_columns", 1),
        (SMALL + "a,A\0,,,5,\n", "nul", 2),
        (SMALL + 'a,A,,,5,\nb,"B,,,6,\nc,C,,,7,\n', "unterminated_quote", 3),
        (SMALL + 'a,5" pipe,,,5,\n', "stray_quote", 2),
        (SMALL + 'a,"A" b,,,5,\n', "stray_quote", 2),
        (SMALL + 'a, b "A",,,5,\n', "stray_quote", 2),
    ],
)
def test_an_unreadable_file_fails_with_reason_and_line(text: str, reason: str, line: int | None) -> None:
    with pytest.raises(NotAProductFile) as error:
        list(read([text], exponent=2))
    assert (error.value.reason, error.value.line) == (reason, line)
    assert error.value.code == "catalog.not_a_product_file"


@pytest.mark.parametrize(
    ("grow", "reason", "line"),
    [
        (lambda: "Handle,Title,Variant Price" + "".join(f",{n}" for n in range(1998)), "too_many_columns", 1),
        (lambda: "x" * 1001 + "," + SMALL, "not_csv", 1),
        (lambda: SMALL + "a," + "x" * (2**20 + 1) + ",,,5,\n", "cell_too_large", 2),
        (lambda: SMALL + 'a,"' + LINE_OF_64 * 2**15 + '",,,5,\n', "cell_too_large", 2),
        (lambda: SMALL + "a" * 2**23, "row_too_large", 2),
        (lambda: SMALL + "a" + (',"' + LINE_OF_64 * 2**13 + '"') * 20, "row_too_large", 2),
    ],
    ids=["columns", "column-name", "cell", "quoted-cell", "line", "quoted-row"],
)
def test_a_file_that_grows_beyond_its_limits_is_refused(grow: Callable[[], str], reason: str, line: int) -> None:
    with pytest.raises(NotAProductFile) as error:
        list(read([grow()], exponent=2))
    assert (error.value.reason, error.value.line) == (reason, line)


def test_products_before_the_break_of_a_file_are_still_given_out_and_the_broken_one_is_not() -> None:
    found = read([SMALL + 'a,A,,,5,\nb,B,Size,S,6,\nb,"'], exponent=2)
    assert [each.handle for each in islice(found, 1) if isinstance(each, ProductDraft)] == ["a"]
    with pytest.raises(NotAProductFile):
        next(found)


def test_reading_never_runs_ahead_of_the_product_it_gives_out() -> None:
    consumed = 0

    def endless() -> Iterator[str]:
        nonlocal consumed
        yield SMALL
        while True:
            consumed += 1
            yield f"p{consumed // 2},P,Size,{consumed},5,\n"

    for product in islice(read(endless(), exponent=2), 1, 5_000):
        assert isinstance(product, ProductDraft)
        assert f"p{consumed // 2 - 1}" == product.handle


def test_a_product_without_end_is_refused_while_it_is_read() -> None:
    rows = "".join(f"a,A,Size,{n},5,\n" for n in range(3_000))
    assert errors(SMALL + rows + "b,B,,,5,\n") == [(2300, None, "product_too_large")]
    assert handles(SMALL + rows + "b,B,,,5,\n") == ["b"]


@given(st.text('aé,"\r\n', max_size=60).map(lambda body: SMALL + body), st.lists(st.integers(1, 7), min_size=1))
def test_the_result_does_not_depend_on_the_chunks_of_the_text(text: str, sizes: list[int]) -> None:
    def pieces() -> Iterator[str]:
        begin = 0
        while begin < len(text):
            for size in sizes:
                yield text[begin : begin + size]
                begin += size

    def outcome(arriving: Iterator[str]) -> list[object]:
        found: list[object] = []
        try:
            found.extend(read(arriving, exponent=2))
        except NotAProductFile as error:
            found.append((error.reason, error.line))
        return found

    assert outcome(pieces()) == outcome(iter([text]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@given(st.text(st.characters(codec="cp1252"), max_size=30), st.integers(1, 5))
def test_a_text_is_the_same_in_every_encoding_and_in_chunks_of_any_size(encoding: str, text: str, size: int) -> None:
    raw = ("Handle: é€ " + text).encode(encoding)
    decoded = DecodedText(raw[at : at + size] for at in range(0, len(raw), size))
    assert "".join(decoded) == "Handle: é€ " + text
    assert decoded.encoding == encoding.removesuffix("-sig")
    assert (decoded.note is None) == (encoding != "cp1252")


@pytest.mark.parametrize(
    ("raw", "reason", "line"),
    [
        (b"PK\x03\x04workbook", "not_csv", 1),
        ("é\nà\n".encode() + b"\xe9t\xe9", "encoding", 3),
        ("a\n\n".encode("utf-16") + b"\x00", "encoding", 3),
    ],
)
def test_bytes_that_are_no_text_are_refused_and_not_garbled(raw: bytes, reason: str, line: int) -> None:
    with pytest.raises(NotAProductFile) as error:
        list(DecodedText([raw]))
    assert (error.value.reason, error.value.line) == (reason, line)


def test_a_file_full_of_faults_does_not_fill_the_memory_with_errors() -> None:
    assert len(errors(SMALL + ",nobody,,,5,\n" * 1_000 + "b,B,,,5,\n")) == 100
    assert len(errors(SMALL + "a,A,Size,S,5,\n" + "a,,,S,free,\n" * 500)) == 100


def test_an_export_of_a_file_is_read_as_the_same_products() -> None:
    for text in (STOOLS, SMALL + "art,Art,Title,Small,5,/1\nart,,,Large,7,\nart,,,,,/2\n"):
        assert drafts("".join(write(drafts(text), exponent=2))) == drafts(text)
