"""Product files of other platforms: one table for each, and their translation into rows of our format."""

from .cells import weight_column
from .etsy import ETSY
from .magento import MAGENTO
from .medusa import MEDUSA
from .preset import Platform, Preset, fold
from .prestashop import PRESTASHOP, PRESTASHOP_COMBINATIONS
from .spree import SPREE
from .squarespace import SQUARESPACE
from .texts import full_address
from .translation import Translator
from .vendure import VENDURE
from .wix import WIX
from .woocommerce import WOOCOMMERCE

PRESETS = (
    *(WIX, SQUARESPACE, SPREE, MEDUSA, VENDURE, MAGENTO, PRESTASHOP_COMBINATIONS, PRESTASHOP, ETSY, WOOCOMMERCE),
)

__all__ = ["PRESETS", "Platform", "Preset", "Translator", "fold", "full_address", "preset_of", "weight_column"]


def preset_of(header: tuple[str, ...]) -> Preset | None:
    """Return the preset of the platform that wrote a file with these columns."""
    for preset in PRESETS:
        names = {preset.name_of(column) for column in header}
        if any(signature <= names for signature in preset.signatures):
            return preset
    return None
