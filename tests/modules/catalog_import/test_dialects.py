"""The encoding, separator and decimal character of a file are found out, and nothing is read as something else."""

import io

import pytest
from openpyxl import Workbook

from luxewin.modules.catalog_import.domain.csv_files import ReadingOptions
from luxewin.modules.catalog_import.domain.imports import ImportFormat
from luxewin.modules.catalog_import.domain.product_files import ProductFile
from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile, ProductDraft, RowError, minor_from
from luxewin.modules.catalog_import.domain.shopify_csv.codes import mark_code, unmark_code

TEXTS = [
    ("cp1252", "Théière en grès émaillé, à emporter"),
    ("cp1252", "Müg"),
    ("cp1252", "Caixa de pão, botões, São João"),
    ("cp1252", "Wide\u00a0sleeves and a soft\u00a0mesh, in\u00a0navy"),
    ("cp1252", "Long jacket with a\u00a0soft mesh"),
    ("cp1252", "£5 voucher"),
    ("cp1252", "Ladies’ shirt – blue, 30°C, ½ price…"),
    ("cp1250", "Krzesło dębowe, łyżka drewniana"),
    ("cp1250", "Židle dřevěná, stůl, příborník"),
    ("cp1250", "Őszi kínálat, tölgyfa szék, gyűrű"),
    ("cp1251", "Кружка керамическая, 300 мл"),
    ("cp1251", "Кружка"),
    ("cp1253", "Κούπα κεραμική, κόκκινη"),
    ("cp1254", "Kırmızı kupa bardağı, büyük boy"),
    ("cp932", "マグカップ"),
    ("gb18030", "陶瓷马克杯"),
    ("big5", "陶瓷馬克杯,紅色 木椅子"),
    ("cp949", "도자기 머그컵, 빨간색"),
    ("koi8_r", "Стол дубовый, кружка"),
    ("utf-16-le", "Pot"),
    ("utf-16-be", "Pot"),
]


def products_of(file: bytes, options: ReadingOptions | None = None) -> list[ProductDraft]:
    items = list(ProductFile([file], ImportFormat.SHOPIFY_CSV, currency="EUR", options=options))
    assert [item for item in items if isinstance(item, RowError)] == []
    return [item for item in items if isinstance(item, ProductDraft)]


@pytest.mark.parametrize(("encoding", "title"), TEXTS)
@pytest.mark.parametrize("chunk_bytes", [7, 10_000])
def test_a_title_is_read_in_the_encoding_in_which_it_was_written(encoding: str, title: str, chunk_bytes: int) -> None:
    raw = f'Handle,Title,Variant Price\na,"{title}",1.00\n'.encode(encoding)
    chunks = [raw[at : at + chunk_bytes] for at in range(0, len(raw), chunk_bytes)]
    [product] = [
        item for item in ProductFile(chunks, ImportFormat.SHOPIFY_CSV, currency="EUR") if isinstance(item, ProductDraft)
    ]
    assert product.name == title


def test_a_named_encoding_is_used_and_a_wrong_one_is_an_error() -> None:
    raw = "Handle,Title,Variant Price\na,Ж,1.00\n".encode("cp1251")
    assert products_of(raw, ReadingOptions(encoding="windows-1251"))[0].name == "Ж"
    with pytest.raises(NotAProductFile) as error:
        products_of(raw, ReadingOptions(encoding="utf-8"))
    assert error.value.reason == "encoding"


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("Handle;Title;Variant Price\na;A;12,50\n", [1250]),
        ("Handle;Title;Variant Price\na;A;1.299,00\nb;B;500\n", [129900, 50000]),
        ("sep=|\nHandle|Title|Variant Price\na|A|9.9\n", [990]),
        ("Handle\tTitle\tVariant Price\na\tA, B; C\t.99\n", [99]),
        ('"Handle, or slug";Title;Variant Price;Handle\nx;A;1,5;a\n', [150]),
    ],
)
def test_the_separator_and_the_decimal_character_are_found_out(text: str, minor: list[int]) -> None:
    assert [each.variants[0].price_minor for each in products_of(text.encode())] == minor


def test_amounts_with_both_decimal_characters_are_not_guessed() -> None:
    file = b'Handle,Title,Variant Price\na,A,"1.299,00"\nb,B,12.50\n'
    found = [
        item.code
        for item in ProductFile([file], ImportFormat.SHOPIFY_CSV, currency="EUR")
        if isinstance(item, RowError)
    ]
    assert found == ["amount_ambiguous"]
    assert minor_from("1.299,00", exponent=2, decimal=",") == 129900


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("'4006381333931", "4006381333931"),
        ('="0042"', "0042"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("'42-X", "'42-X"),
        ("4E10", "4E10"),
    ],
)
def test_only_marks_of_a_spreadsheet_are_taken_off_a_code(cell: str, code: str) -> None:
    assert unmark_code(cell) == code
    assert unmark_code(mark_code(code)) == code
    assert unmark_code(mark_code("'42")) == "'42"


def test_blank_cells_at_the_end_of_a_workbooks_rows_are_blank() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Handle", "Title", "Variant Price", "Image Src", "Cost per item", "Status"])
    sheet.append(["pot", "Pot", 10.5, "https://img.example/1.jpg"])
    sheet.append(["pot", None, None, "https://img.example/2.jpg"])
    sheet.append(["mug", "Mug", 9, None, 4.25, "draft"])
    written = io.BytesIO()
    book.save(written)
    pot, mug = products_of(written.getvalue())
    assert (pot.name, len(pot.images), pot.variants[0].cost_minor) == ("Pot", 2, None)
    assert (mug.variants[0].cost_minor, mug.status) == (425, "draft")
