"""What users can name if the detection is wrong, or to be sure of it."""

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
