"""The words for true and false that spreadsheets and shops write in different languages."""

_TRUE = (
    "true 1 yes y on wahr ja vrai oui verdadero sí si vero sì истина да tak prawda verdadeiro sim waar sant doğru evet"
    " 真 是 はい"
)
_FALSE = (
    "false 0 no n off falsch nein faux non falso ложь нет nie fałsz não onwaar nee falskt nej yanlış hayır 假 否 いいえ"
)

TRUTHS = {**dict.fromkeys(_TRUE.split(), True), **dict.fromkeys(_FALSE.split(), False)}


def is_true(text: str) -> bool:
    """Return whether a text is a word for true."""
    return TRUTHS.get(text.strip().casefold()) is True


def is_false(text: str) -> bool:
    """Return whether a text is a word for false."""
    return TRUTHS.get(text.strip().casefold()) is False
