"""Generate product files of any size: every fifth product has three variants; all have stock, tags and a picture."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.shop import WORDS

COLUMNS = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published", "Option1 Name", "Option1 Value"),
    *("Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty", "Variant Price"),
    *("Variant Compare At Price", "Image Src", "Image Alt Text", "Status"),
)
_SIZES = ("S", "M", "L")
_EVERY = 5


def write_products(file: Path, *, products: int) -> None:
    """Write a file with this number of products."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(COLUMNS)
        for number in range(products):
            rows.writerows(_rows(number))


def _rows(number: int) -> Iterator[Sequence[str]]:
    first, second = WORDS[number % len(WORDS)], WORDS[number // len(WORDS) % len(WORDS)]
    sizes = _SIZES if number % _EVERY == 0 else ("",)
    about = [
        f"{first.title()} {second} piece {number}",
        f"<p>Made of <b>{first}</b> and {second} by hand, number {number} of a long row; no two are alike.</p>",
        f"Maker {number % 50}",
        f"Room {number % 20}/Shelf {number % 7}",
        f"{first}, {second}, new",
        "true",
    ]
    for place, size in enumerate(sizes):
        option = ["Size" if size else "Title", size or "Default Title"]
        yield [
            f"generated-{number}",
            *(about if place == 0 else [""] * len(about)),
            *(option if place == 0 else ["", option[1]]),
            f"SKU-{number}-{place}",
            "1200",
            "shopify",
            str(number % 100),
            f"{10 + number % 990}.50",
            f"{20 + number % 990}.00" if number % 3 == 0 else "",
            f"https://images.example.com/{number}/{place}.jpg",
            "from the front",
            "active" if place == 0 else "",
        ]
