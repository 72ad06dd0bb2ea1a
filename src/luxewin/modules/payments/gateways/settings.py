"""The setting that enables payment gateways."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from luxewin.kit.settings import Settings, SettingsExtension
from luxewin.kit.variables import Group, variable
from luxewin.modules.payments.gateways.registry import settings_of_gateways
from luxewin.modules.payments.settings import SIMULATOR_ROLE

_VARIABLE = "LUXEWIN_PAYMENT_GATEWAYS"


def _split(names: Any) -> Any:
    return [part.strip() for part in names.split(",") if part.strip()] if isinstance(names, str) else names


def _validate_names(names: tuple[str, ...]) -> tuple[str, ...]:
    known = settings_of_gateways()
    for name in names:
        if name not in known:
            raise ValueError(f"there is no payment gateway {name!r}; registered: {', '.join(known)}")
    return tuple(dict.fromkeys(names))


class PaymentSettings(Group):
    """The payment gateways that are enabled."""

    gateways: Annotated[tuple[str, ...], AfterValidator(_validate_names), BeforeValidator(_split)] | None = variable(
        _VARIABLE,
        None,
        displayed_default="`simulator`, in production none",
        meaning="Payment gateways that are offered, by name, separated by commas. `luxewin settings` lists the known "
        "ones with their own variables. Production refuses gateways whose money is not real.",
        remedy="give names separated by commas",
    )


def enabled_gateways(settings: Settings) -> Sequence[str]:
    """Return the names of the payment gateways that are offered.

    If the setting names none: the gateways for development, or none in production.
    """
    named = settings.of(PaymentSettings).gateways
    if named is not None:
        return named
    if settings.is_production:
        return ()
    return [name for name, group in settings_of_gateways().items() if not group.for_production]


def settings_extension() -> SettingsExtension:
    """Return the settings of payments: the enabled gateways, and the variables of each gateway."""
    return SettingsExtension(
        groups=[PaymentSettings],
        providers={f"The payment gateway {name}": group for name, group in settings_of_gateways().items()},
        faults=_faults,
        login_roles={"simulator": SIMULATOR_ROLE},
    )


def _faults(settings: Settings) -> Iterator[str]:
    groups = settings_of_gateways()
    for name in enabled_gateways(settings):
        if settings.is_production and not groups[name].for_production:
            yield f"{_VARIABLE}: the payment gateway {name} takes no real money and is not for production; remove it"
        yield from settings.of(groups[name]).missing()
