"""What users can name if the detection is wrong, or to be sure of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Encoding(StrEnum):
    """The encoding of the texts in a file."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    WINDOWS_1250 = "windows-1250"
    WINDOWS_1251 = "windows-1251"
    WINDOWS_1252 = "windows-1252"
    WINDOWS_1253 = "windows-1253"
    WINDOWS_1254 = "windows-1254"
    SHIFT_JIS = "shift_jis"
    GBK = "gbk"
    BIG5 = "big5"
    EUC_KR = "euc-kr"
    KOI8_R = "koi8-r"


class Delimiter(StrEnum):
    """The separator of the columns of a file."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    BAR = "bar"

    @property
    def character(self) -> str:
        """The character itself."""
        return {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}[self.value]


class Decimal(StrEnum):
    """The character before the decimals of the amounts in a file."""

    POINT = "point"
    COMMA = "comma"

    @property
    def character(self) -> str:
        """The character itself."""
        return "," if self is Decimal.COMMA else "."


class WeightUnit(StrEnum):
    """The unit of weights that have none in the file."""

    G = "g"
    KG = "kg"
    LB = "lb"
    OZ = "oz"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """How the user wants a CSV file to be read; what is not named is detected.

    `image_base` is the address in front of images that have only a path or a name.
    """

    mapping: Mapping[str, str | None] = field(default_factory=dict)
    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    image_base: str | None = None
    weight_unit: str | None = None
