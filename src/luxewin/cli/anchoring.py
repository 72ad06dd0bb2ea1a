"""`luxewin deploy-anchor`: deployment of the anchor contract."""

from rich.console import Console

from luxewin.kit.settings import Settings
from luxewin.kit.startup import StartupError
from luxewin.modules.raffles.anchors.deploying import Deployer, DeploymentFailed
from luxewin.modules.raffles.anchors.evm import limits_of
from luxewin.modules.raffles.public import AnchorSettings

console = Console(highlight=False)


async def deploy_anchor(loaded: Settings) -> None:
    """Deploy the anchor contract, wait until its transaction is final, and print the setting that names it.

    Raises:
        StartupError: a setting is missing, or the contract was not deployed.
    """
    settings = loaded.of(AnchorSettings)
    if settings.missing:
        raise StartupError(f"To deploy the anchor, set {', '.join(settings.missing)}")
    assert settings.chain_id is not None
    assert settings.private_key is not None
    deployer = Deployer(settings.rpc_urls, settings.chain_id, settings.private_key, limits_of(settings), _report)
    try:
        deployed = await deployer.deploy()
    except DeploymentFailed as error:
        raise StartupError(f"The anchor was not deployed: {error}") from error
    _report(f"The contract was deployed to chain {settings.chain_id} in block {deployed.block_number}")
    console.print(f"LUXEWIN_ANCHOR_CONTRACT=0x{deployed.contract.hex()}")


def _report(line: str) -> None:
    console.print(f"[dim]•[/] {line}", soft_wrap=True)
