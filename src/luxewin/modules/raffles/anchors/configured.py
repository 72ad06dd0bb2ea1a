"""The anchors that this installation is configured with, if any."""

from luxewin.modules.raffles.anchors.evm import EvmAnchors
from luxewin.modules.raffles.anchors.protocol import Anchors
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.settings import AnchorSettings


class ConfiguredAnchors:
    """The anchors of this installation; `anchors` is None if none are configured."""

    def __init__(self, anchors: Anchors | None, *, margin_seconds: int) -> None:
        self.anchors = anchors
        self._margin_seconds = margin_seconds

    @classmethod
    def of(cls, settings: AnchorSettings) -> "ConfiguredAnchors":
        """Return the anchors that the settings configure."""
        return cls(EvmAnchors.of(settings), margin_seconds=settings.margin_seconds)

    async def rules(self) -> Json | None:
        """Return the `anchor` object for the rules of new raffles; None if none are configured."""
        if self.anchors is None:
            return None
        return (await self.anchors.location()).rules(margin_seconds=self._margin_seconds)
