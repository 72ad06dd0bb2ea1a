"""Settings of draws: the beacon that provides the randomness, and the EVM chain that anchors them."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, SecretStr

from luxewin.kit.settings import Settings, SettingsExtension
from luxewin.kit.startup import StartupError
from luxewin.kit.variables import Group, variable

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of secp256k1: a private key is a whole number from 1 to one less (SEC 2, section 2.4.1)."""

RELAYS = ("https://api.drand.sh", "https://api2.drand.sh", "https://api3.drand.sh", "https://drand.cloudflare.com")
"""Public relays of drand's quicknet."""


def _split(urls: Any) -> Any:
    return [part.strip() for part in urls.split(",") if part.strip()] if isinstance(urls, str) else urls


def _endpoint(url: SecretStr) -> SecretStr:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url.get_secret_value()):
        raise ValueError("it is not the address of a node")
    return url


def _address(text: str) -> str:
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", text):
        raise ValueError("it is not the address of a contract")
    return text.lower()


def _signing_key(text: SecretStr) -> SecretStr:
    digits = text.get_secret_value().lower().removeprefix("0x")
    if not re.fullmatch(r"[0-9a-f]{64}", digits) or not 0 < int(digits, 16) < _ORDER:
        raise ValueError("it is not a private key")
    return SecretStr(digits)


def _relay(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url):
        raise ValueError("it is not the address of a relay")
    return url.rstrip("/")


class BeaconSettings(Group):
    """The source of randomness of draws."""

    name: Literal["quicknet", "local"] = variable(
        "LUXEWIN_BEACON",
        "quicknet",
        outside_production="local",
        displayed_default="`local`, in production `quicknet`",
        meaning="Beacon of new raffles: `quicknet` is drand's public network; `local` is a key of this "
        "installation, for trying out only, and refused in production.",
        remedy="give quicknet or local",
    )
    relays: Annotated[tuple[Annotated[str, AfterValidator(_relay)], ...], BeforeValidator(_split)] = variable(
        "LUXEWIN_BEACON_RELAYS",
        RELAYS,
        displayed_default="drand's own",
        meaning="Relays of quicknet, separated by commas, tried in this order; none of them is trusted.",
        remedy="give two or more addresses separated by commas, such as https://api.drand.sh,https://api2.drand.sh",
        min_length=2,
    )


class AnchorSettings(Group):
    """The location of anchors, the key that signs them, and their limits."""

    rpc_urls: Annotated[tuple[Annotated[SecretStr, AfterValidator(_endpoint)], ...], BeforeValidator(_split)] = (
        variable(
            "LUXEWIN_ANCHOR_RPC_URLS",
            (),
            secret=True,
            displayed_default="none: draws are not anchored",
            meaning="Nodes of an EVM chain, separated by commas, tried in this order; URLs may hold access keys.",
            remedy="give addresses separated by commas, such as https://rpc.example.com/key,http://127.0.0.1:8545",
        )
    )
    chain_id: int | None = variable(
        "LUXEWIN_ANCHOR_CHAIN_ID",
        None,
        displayed_default="none",
        meaning="Id of the chain. A node of another chain is never used, and nothing is signed for another chain.",
        remedy="give the chain's number, such as 1 or 8453",
        ge=1,
        lt=2**53,
    )
    contract: Annotated[str, AfterValidator(_address)] | None = variable(
        "LUXEWIN_ANCHOR_CONTRACT",
        None,
        displayed_default="none",
        meaning="Address of the anchor contract, as printed by `luxewin deploy-anchor`. Needs the extra `chain`.",
        remedy="give 0x and 40 hexadecimal digits",
    )
    private_key: Annotated[SecretStr, AfterValidator(_signing_key)] | None = variable(
        "LUXEWIN_ANCHOR_PRIVATE_KEY",
        None,
        secret=True,
        displayed_default="none",
        meaning="Private key of the account that sends the transactions. Use it for this only, with ether for fees.",
        remedy="give 32 bytes in hexadecimal digits",
    )
    confirmations: int = variable(
        "LUXEWIN_ANCHOR_CONFIRMATIONS",
        12,
        meaning="Number of blocks, its own included, after which a transaction counts as final.",
        remedy="give a whole number from 1 to 100",
        ge=1,
        le=100,
    )
    margin_seconds: int = variable(
        "LUXEWIN_ANCHOR_MARGIN_SECONDS",
        60,
        meaning="Shortest time between the block that anchors a receipt and the beacon round that decides the draw.",
        remedy="give a whole number of seconds from 1 to 86400",
        ge=1,
        le=86_400,
    )
    max_fee_gwei: float = variable(
        "LUXEWIN_ANCHOR_MAX_FEE_GWEI",
        100.0,
        meaning="Highest price of a unit of gas, in gwei. Above it anchoring waits and may miss its deadline.",
        remedy="give a number of gwei above 0, such as 100 or 0.5",
        gt=0,
        le=1_000_000,
    )
    bump_seconds: int = variable(
        "LUXEWIN_ANCHOR_BUMP_SECONDS",
        60,
        meaning="Time after which a transaction that is not mined yet is sent again with a higher fee.",
        remedy="give a whole number of seconds from 1 to 86400",
        ge=1,
        le=86_400,
    )
    stale_seconds: int = variable(
        "LUXEWIN_ANCHOR_STALE_SECONDS",
        120,
        meaning="Age of its newest block above which a node is skipped.",
        remedy="give a whole number of seconds from 1 to 86400",
        ge=1,
        le=86_400,
    )
    timeout_seconds: float = variable(
        "LUXEWIN_ANCHOR_TIMEOUT_SECONDS",
        10.0,
        meaning="Timeout of one request to a node; then the next node is tried.",
        remedy="give a number of seconds above 0, such as 1 or 2.5",
        gt=0,
        le=600,
    )

    @property
    def missing(self) -> list[str]:
        """The variables that are needed to sign a transaction and are not set."""
        is_set = {
            "LUXEWIN_ANCHOR_RPC_URLS": bool(self.rpc_urls),
            "LUXEWIN_ANCHOR_CHAIN_ID": self.chain_id is not None,
            "LUXEWIN_ANCHOR_PRIVATE_KEY": self.private_key is not None,
        }
        return [name for name, has_value in is_set.items() if not has_value]


def _faults(settings: Settings) -> Iterator[str]:
    """Yield one line for each setting that an installation must not run with."""
    anchor = settings.of(AnchorSettings)
    for name in anchor.missing if anchor.contract is not None else ():
        yield f"{name}: draws cannot be anchored without it; set it, or unset LUXEWIN_ANCHOR_CONTRACT"
    if settings.is_production and settings.of(BeaconSettings).name == "local":
        yield "LUXEWIN_BEACON: with a local beacon the operator could choose the winners; give quicknet"


def require_web3() -> None:
    """Check that the optional package that writes anchors is installed.

    Raises:
        StartupError: it is not installed.
    """
    if find_spec("web3") is None:
        raise StartupError(
            "Anchoring draws needs the package web3, which is not installed: run `pip install 'luxewin[chain]'`, "
            "or in a source tree `make run EXTRAS=chain`; without anchors, unset LUXEWIN_ANCHOR_CONTRACT"
        )


EXTENSION = SettingsExtension(groups=(AnchorSettings, BeaconSettings), faults=_faults)
