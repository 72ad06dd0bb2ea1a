"""`luxewin deploy-anchor`: the contract that draws are anchored in, put on its chain."""

from rich.console import Console

from luxewin.kit.chain_settings import AnchorSettings
from luxewin.kit.startup import StartupError
from luxewin.modules.raffles.anchors.deploying import Deployer, DeploymentFailed
from luxewin.modules.raffles.anchors.evm import limits_of

console = Console(highlight=False)


async def deploy_anchor(settings: AnchorSettings) -> None:
    """Deploy the contract, wait until it is final, and print the setting that names it."""
    if settings.missing:
        raise StartupError(f"To deploy the anchor, set {', '.join(settings.missing)}")
    assert settings.chain_id is not None
    assert settings.private_key is not None
    deployer = Deployer(settings.rpc_urls, settings.chain_id, settings.private_key, limits_of(settings), _tell)
    try:
        deployed = await deployer.deploy()
    except DeploymentFailed as refused:
        raise StartupError(f"The anchor was not deployed: {refused}") from refused
    _tell(f"The published contract lies on chain {settings.chain_id} since block {deployed.block_number}")
    console.print(f"LUXEWIN_ANCHOR_CONTRACT=0x{deployed.contract.hex()}")


def _tell(line: str) -> None:
    console.print(f"[dim]•[/] {line}", soft_wrap=True)
