"""The registry of payment gateways: one line for each.

A gateway is a folder here, of the same name, with two files beside its adapter: `settings.py` declares its variables
as `SETTINGS`, and `provider.py` declares how it is opened, as `PROVIDER`. They are imported by name: the settings by
every process, a provider only if its gateway is enabled.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from luxewin.modules.payments.gateways.gateway_settings import GatewaySettings

if TYPE_CHECKING:
    from luxewin.modules.payments.gateways.provider import GatewayProvider

GATEWAYS: Sequence[str] = [
    "simulator",
]


def settings_of_gateways() -> Mapping[str, type[GatewaySettings]]:
    """Return the settings group of every registered gateway, by its name."""
    return {name: import_module(f"{__package__}.{name}.settings").SETTINGS for name in GATEWAYS}


def gateway_provider(name: str) -> "GatewayProvider":
    """Return the provider of a registered gateway."""
    provider: GatewayProvider = import_module(f"{__package__}.{name}.provider").PROVIDER
    return provider
