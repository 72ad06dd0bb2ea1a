"""`luxewin deploy-anchor`, run as a command."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from eth_account import Account

from luxewin.cli.anchoring import deploy_anchor
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.settings import Settings, SettingsError
from luxewin.kit.startup import StartupError
from luxewin.modules.raffles.anchors.evm import EvmAnchors
from luxewin.modules.raffles.public import AnchorSettings
from tests.chain.anvil import CHAIN_ID, ETHER, Anvil
from tests.chain.conftest import KEY

SENDER = Account.from_key(KEY.get_secret_value()).address


@pytest.fixture(scope="module")
def mining() -> Iterator[Anvil]:
    with Anvil(block_seconds=1) as node:
        node.request("anvil_setBalance", SENDER, hex(ETHER))
        yield node


def settings_for(node: Anvil, **changed: str) -> dict[str, str]:
    """Return the environment of a deployment, with changes; an empty value means that it is not set."""
    return {
        "LUXEWIN_ANCHOR_RPC_URLS": node.url,
        "LUXEWIN_ANCHOR_CHAIN_ID": str(CHAIN_ID),
        "LUXEWIN_ANCHOR_PRIVATE_KEY": "0x" + KEY.get_secret_value(),
        "LUXEWIN_ANCHOR_CONFIRMATIONS": "2",
        **changed,
    }


async def test_it_prints_the_setting_under_which_the_contract_is_found(mining: Anvil) -> None:
    command = [sys.executable, "-m", "luxewin.cli", "deploy-anchor"]
    environ = os.environ | settings_for(mining)
    done = await asyncio.to_thread(
        subprocess.run, command, env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "2 of 2 blocks" in done.stdout
    (setting,) = re.findall(r"^LUXEWIN_ANCHOR_CONTRACT=(0x[0-9a-f]{40})$", done.stdout, re.MULTILINE)
    assert KEY.get_secret_value() not in done.stdout + done.stderr
    anchors = EvmAnchors.of(
        Settings.load(settings_for(mining, LUXEWIN_ANCHOR_CONTRACT=setting), SETTINGS_EXTENSIONS).of(AnchorSettings)
    )
    assert anchors is not None
    location = await anchors.location()
    assert ("0x" + location.contract.hex(), "0x" + location.sender.hex()) == (setting, SENDER.lower())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"LUXEWIN_ANCHOR_CHAIN_ID": "1"}, f"it serves chain {CHAIN_ID}, not 1"),
        ({"LUXEWIN_ANCHOR_MAX_FEE_GWEI": "0.000000001"}, "above LUXEWIN_ANCHOR_MAX_FEE_GWEI"),
        ({"LUXEWIN_ANCHOR_PRIVATE_KEY": "22" * 32}, "has not enough ether"),
        ({"LUXEWIN_ANCHOR_PRIVATE_KEY": ""}, "set LUXEWIN_ANCHOR_PRIVATE_KEY"),
        ({"LUXEWIN_ANCHOR_RPC_URLS": "http://127.0.0.1:1"}, "no node can be used"),
    ],
)
async def test_it_fails_and_sends_nothing(mining: Anvil, changed: dict[str, str], reason: str) -> None:
    before = mining.request("eth_getTransactionCount", SENDER, "pending")
    with pytest.raises(StartupError, match=reason):
        await deploy_anchor(Settings.load(settings_for(mining, **changed), SETTINGS_EXTENSIONS))
    assert mining.request("eth_getTransactionCount", SENDER, "pending") == before


def test_without_settings_there_are_no_anchors() -> None:
    assert EvmAnchors.of(Settings.load({}, SETTINGS_EXTENSIONS).of(AnchorSettings)) is None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"LUXEWIN_ANCHOR_PRIVATE_KEY": "0x" + "0" * 64},
            "LUXEWIN_ANCHOR_PRIVATE_KEY cannot be used: it is not a private key",
        ),
        (
            {"LUXEWIN_ANCHOR_PRIVATE_KEY": "f" * 64},
            "LUXEWIN_ANCHOR_PRIVATE_KEY cannot be used: it is not a private key",
        ),
        (
            {"LUXEWIN_ANCHOR_RPC_URLS": "ftp://secret"},
            "LUXEWIN_ANCHOR_RPC_URLS cannot be used: it is not the address of a node",
        ),
        (
            {"LUXEWIN_ANCHOR_CONTRACT": "0x12"},
            "LUXEWIN_ANCHOR_CONTRACT='0x12' cannot be used: it is not the address of a contract",
        ),
        (
            {"LUXEWIN_ANCHOR_CONTRACT": "0x" + "ab" * 20, "LUXEWIN_ANCHOR_CHAIN_ID": ""},
            "LUXEWIN_ANCHOR_CHAIN_ID: draws cannot be anchored without it",
        ),
    ],
)
def test_settings_that_cannot_be_used_are_refused_and_secrets_not_repeated(
    mining: Anvil, changed: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.load(settings_for(mining, **changed), SETTINGS_EXTENSIONS)
    assert str(raised.value).startswith(message)
    assert "secret" not in str(raised.value)
    assert "f" * 64 not in str(raised.value)
