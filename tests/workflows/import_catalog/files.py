"""Small generated product files in the format of a shop's export, and the paths of real files if available."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path

from luxewin.modules.catalog_import.public import CHUNK_BYTES

_SHARED = next((each for above in Path(__file__).parents if (each := above / "shared" / "data").is_dir()), None)
REAL_FILES = sorted(_SHARED.glob("shopify/*.csv")) if _SHARED else []
FOREIGN_FILES = {path.stem: path for path in _SHARED.glob("imports/*.csv")} if _SHARED else {}
"""Real files of several platforms with other words, by platform."""

COLUMNS = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published", "Option1 Name", "Option1 Value"),
    *("Option2 Name", "Option2 Value", "Variant SKU", "Variant Grams", "Variant Inventory Tracker"),
    *("Variant Inventory Qty", "Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price"),
    *("Variant Compare At Price", "Variant Requires Shipping", "Variant Taxable", "Variant Barcode"),
    *("Image Src", "Image Position", "Image Alt Text", "Gift Card", "SEO Title", "SEO Description"),
    *("Google Shopping / Gender", "Variant Image", "Variant Weight Unit", "Variant Tax Code", "Cost per item"),
    "Status",
)

Row = Mapping[str, str]


def file_of(rows: Iterable[Row], columns: Iterable[str] = COLUMNS) -> bytes:
    """Write rows as a product file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def rows_of(file: bytes) -> list[dict[str, str]]:
    """Read a product file as rows of cells."""
    return list(csv.DictReader(io.StringIO(file.decode())))


def plain(handle: str, **cells: str) -> Row:
    """Return the row of a product without options; other cells have the values of exports."""
    usual = {
        "Handle": handle,
        "Title": handle.replace("-", " ").title(),
        "Published": "true",
        "Option1 Name": "Title",
        "Option1 Value": "Default Title",
        "Variant Grams": "0",
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": "10.00",
        "Variant Requires Shipping": "true",
        "Variant Taxable": "true",
        "Variant Weight Unit": "kg",
    }
    return usual | cells


def of_variant(handle: str, value: str, **cells: str) -> Row:
    """Return a later row of a product with one option: another variant."""
    return {**plain(handle), "Title": "", "Published": "", "Option1 Name": "", "Option1 Value": value, **cells}


def of_image(handle: str, address: str, position: str, **cells: str) -> Row:
    """Return a row with only an image."""
    return {"Handle": handle, "Image Src": address, "Image Position": position, **cells}


def shop_file() -> bytes:
    """Return a file with all features of exports: options, images in and below the rows of variants, rare statuses."""
    return file_of(
        [
            plain(
                "ocean-shirt",
                **{
                    "Body (HTML)": "<p>Cotton, &amp; light. 5 &lt; 6</p>",
                    "Vendor": "Company 123",
                    "Type": "Apparel/Shirts",
                    "Tags": "men, Summer,sale",
                    "Option1 Name": "Size",
                    "Option1 Value": "Small",
                    "Variant SKU": "OS-S",
                    "Variant Inventory Tracker": "shopify",
                    "Variant Inventory Qty": "4",
                    "Variant Price": "50",
                    "Variant Compare At Price": "60.5",
                    "Variant Barcode": "123456789012",
                    "Image Src": "https://images.example.com/1.jpg",
                    "Image Position": "1",
                    "Image Alt Text": "From the front",
                    "Gift Card": "false",
                    "SEO Title": "Ocean",
                    "Google Shopping / Gender": "male",
                    "Variant Tax Code": "P000",
                    "Cost per item": "22.10",
                    "Status": "active",
                },
            ),
            of_variant(
                "ocean-shirt",
                "Large",
                **{
                    "Variant Inventory Tracker": "shopify",
                    "Variant Inventory Qty": "0",
                    "Variant Inventory Policy": "continue",
                    "Image Src": "https://images.example.com/2.jpg",
                    "Image Position": "2",
                },
            ),
            of_image("ocean-shirt", "https://images.example.com/3.jpg", "3"),
            plain("Gift Wrap £", **{"Published": "false", "Variant Requires Shipping": "false"}),
            plain("hidden", Status="unlisted", Vendor="company 123", Type="Outdoor"),
            plain("old", Status="archived", Title="=1+1", Tags="-5"),
            plain("draft", Status="draft", **{"Variant Inventory Qty": "7"}),
        ]
    )


async def chunks_of(file: bytes) -> AsyncIterator[bytes]:
    """Yield a file in chunks."""
    for begin in range(0, len(file), CHUNK_BYTES):
        yield file[begin : begin + CHUNK_BYTES]
