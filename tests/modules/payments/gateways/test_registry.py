"""The setting that enables payment gateways is checked at the start; everything else is in the registry."""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.settings import Settings, SettingsError, format_provider_tables, format_settings_table
from luxewin.kit.variables import variable
from luxewin.modules.payments.gateways import registry, settings
from luxewin.modules.payments.gateways.gateway_settings import GatewaySettings
from luxewin.modules.payments.gateways.opening import open_gateways
from luxewin.modules.payments.gateways.provider import GatewayProvider, HttpClient, OpenedGateway
from luxewin.modules.payments.gateways.settings import enabled_gateways
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.gateways.simulator.settings import SimulatorSettings
from luxewin.runtime.installation import Installation
from tests.conftest import TestDatabase
from tests.modules.payments.installed import installation_on

PRODUCTION = {
    "LUXEWIN_ENV": "production",
    "LUXEWIN_ADMIN_EMAIL": "owner@example.com",
    "LUXEWIN_ADMIN_PASSWORD": "correct horse battery",
    "LUXEWIN_PUBLIC_URL": "https://shop.example.com/",
}


class AcmeSettings(GatewaySettings):
    for_production: ClassVar[bool] = True

    api_key: str | None = variable(
        "LUXEWIN_ACME_API_KEY", None, displayed_default="none", meaning="Key of the API of Acme.", remedy="give a key"
    )

    def missing(self) -> Iterator[str]:
        if self.api_key is None:
            yield "LUXEWIN_ACME_API_KEY: payments by acme need it; give the key of its API"


class Acme(Simulator):
    name = "acme"
    subscribes_by_api = False


@asynccontextmanager
async def opened_acme(installation: Installation, _client: HttpClient) -> AsyncIterator[OpenedGateway]:
    acme = await Acme.open(installation.role("simulator"), size=1)
    yield OpenedGateway(acme)
    await acme.close()


def loaded(**environ: str) -> Settings:
    return Settings.load(environ, [settings.settings_extension()])


def refusals(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        loaded(**environ)
    return str(refused.value).splitlines()


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second gateway, registered by one line."""
    for name, value in (
        ("settings", {"SETTINGS": AcmeSettings}),
        ("provider", {"PROVIDER": GatewayProvider(name="acme", open=opened_acme)}),
    ):
        module = ModuleType(f"{registry.__package__}.acme.{name}")
        module.__dict__.update(value)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(sys.modules, f"{registry.__package__}.acme", ModuleType("acme"))
    monkeypatch.setattr(registry, "GATEWAYS", ("simulator", "acme"))


def test_development_offers_the_simulator_and_production_nothing() -> None:
    assert list(enabled_gateways(loaded())) == ["simulator"]
    assert list(enabled_gateways(loaded(**PRODUCTION))) == []


def test_gateways_are_named_by_a_setting(acme: None) -> None:
    del acme
    given = {"LUXEWIN_PAYMENT_GATEWAYS": "acme, simulator,acme", "LUXEWIN_ACME_API_KEY": "k"}
    assert list(enabled_gateways(loaded(**given))) == ["acme", "simulator"]
    assert list(enabled_gateways(loaded())) == ["simulator"]


def test_an_unknown_gateway_is_refused_with_the_known_names(acme: None) -> None:
    del acme
    (refusal,) = refusals(LUXEWIN_PAYMENT_GATEWAYS="simulator,stripe")
    assert refusal == (
        "LUXEWIN_PAYMENT_GATEWAYS='simulator,stripe' cannot be used: there is no payment gateway 'stripe'; registered: "
        "simulator, acme; give names separated by commas"
    )


def test_production_refuses_the_simulator() -> None:
    (refusal,) = refusals(**PRODUCTION, LUXEWIN_PAYMENT_GATEWAYS="simulator")
    assert refusal.startswith("LUXEWIN_PAYMENT_GATEWAYS: the payment gateway simulator takes no real money")


def test_an_enabled_gateway_needs_its_variables_and_another_does_not(acme: None) -> None:
    del acme
    missing = "LUXEWIN_ACME_API_KEY: payments by acme need it; give the key of its API"
    assert refusals(**PRODUCTION, LUXEWIN_PAYMENT_GATEWAYS="acme") == [missing]
    assert loaded(**PRODUCTION).of(AcmeSettings).api_key is None


def test_the_variables_of_a_gateway_are_read_checked_and_documented(acme: None) -> None:
    assert loaded(LUXEWIN_SIMULATOR_POOL_SIZE="3").of(SimulatorSettings).pool_size == 3
    assert refusals(LUXEWIN_SIMULATOR_POOL_SIZE="0", LUXEWIN_SIMULATOR_SIZE="1") == [
        "LUXEWIN_SIMULATOR_SIZE: there is no such setting; did you mean LUXEWIN_SIMULATOR_POOL_SIZE?",
        "LUXEWIN_SIMULATOR_POOL_SIZE='0' cannot be used: give a whole number from 1 to 100",
    ]
    del acme
    documented = format_provider_tables([settings.settings_extension()])
    assert "**The payment gateway acme**" in documented
    assert "| `LUXEWIN_ACME_API_KEY` | none | Key of the API of Acme. |" in documented
    assert "LUXEWIN_PAYMENT_GATEWAYS" in format_settings_table(SETTINGS_EXTENSIONS)


def test_without_the_extension_its_variables_are_refused_and_its_defaults_hold() -> None:
    with pytest.raises(SettingsError, match="LUXEWIN_SIMULATOR_POOL_SIZE: there is no such setting"):
        Settings.load({"LUXEWIN_SIMULATOR_POOL_SIZE": "3"})
    assert Settings.load({}).of(SimulatorSettings) == SimulatorSettings()


async def test_the_enabled_gateways_are_opened_with_their_jobs(
    test_database: TestDatabase, tmp_path: Path, acme: None
) -> None:
    del acme
    installation = installation_on(test_database, tmp_path, {})
    given = {"LUXEWIN_PAYMENT_GATEWAYS": "acme,simulator", "LUXEWIN_ACME_API_KEY": "k"}
    both = Installation(loaded(**given), installation.secrets, installation.owner)
    async with open_gateways(both) as gateways:
        assert list(gateways.offered) == ["acme", "simulator"]
        assert [job.name for job in gateways.jobs("http://shop.test")] == ["simulated gateway"]
    neither = Installation(loaded(**PRODUCTION), installation.secrets, installation.owner)
    async with open_gateways(neither) as gateways:
        assert (list(gateways.offered), gateways.jobs("http://shop.test")) == ([], [])
