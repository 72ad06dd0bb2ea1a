"""Lists of networks in settings: which are too wide to be trusted."""

from ipaddress import ip_network

import pytest
from pydantic import TypeAdapter

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.networks import Networks, too_wide
from luxewin.kit.settings import Settings, SettingsError
from tests.kit.test_settings import PRODUCTION

_NETWORKS: TypeAdapter[Networks] = TypeAdapter(Networks)
_LOW_HALF_BY_PARTS = ",".join(f"{first}.0.0.0/8" for first in range(128))


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("0.0.0.0/0", ["0.0.0.0/0"]),
        ("::/0", ["::/0"]),
        ("128.0.0.0/1, 0.0.0.0/1", ["0.0.0.0/0"]),
        ("::/1,8000::/1", ["::/0"]),
        ("0.0.0.0/1", ["0.0.0.0/1"]),
        (_LOW_HALF_BY_PARTS, ["0.0.0.0/1"]),
        ("::ffff:0:0/96", ["0.0.0.0/0"]),
        ("2000::/3,10.0.0.0/7", ["10.0.0.0/7", "2000::/3"]),
    ],
)
def test_networks_of_everybody_are_too_wide_whole_or_in_parts(text: str, wide: list[str]) -> None:
    assert [str(network) for network in too_wide(_NETWORKS.validate_python(text))] == wide


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8,100.64.0.0/10",
        "::1,fc00::/7,fe80::/16",
        "104.16.0.0/13,2606:4700::/32,2a06:98c0::/29",
        "::ffff:10.0.0.0/104",
    ],
)
def test_networks_of_one_operator_may_be_trusted(text: str) -> None:
    assert list(too_wide(_NETWORKS.validate_python(text))) == []


def test_a_network_of_mapped_addresses_is_one_of_ipv4() -> None:
    assert _NETWORKS.validate_python("::ffff:10.1.0.0/112") == (ip_network("10.1.0.0/16"),)


def test_production_says_which_network_is_too_wide_and_what_to_do() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load({**PRODUCTION, "LUXEWIN_TRUSTED_PROXIES": "0.0.0.0/1,128.0.0.0/1"}, SETTINGS_EXTENSIONS)
    assert str(refused.value) == (
        "LUXEWIN_TRUSTED_PROXIES: it contains 0.0.0.0/0, and whoever connects from there could claim any address and "
        "https; give the addresses of the proxies alone, such as 10.1.2.3/32"
    )


def test_development_may_trust_everybody() -> None:
    settings = Settings.load({"LUXEWIN_TRUSTED_PROXIES": "0.0.0.0/0"}, SETTINGS_EXTENSIONS)
    assert settings.http.trusted_proxies == (ip_network("0.0.0.0/0"),)
