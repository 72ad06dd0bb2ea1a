"""Whether this installation anchors draws, and where."""

from luxewin.modules.raffles.anchors.evm import EvmAnchors
from luxewin.modules.raffles.anchors.protocol import Anchors
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.settings import AnchorSettings


class OfferedAnchors:
    """What new rules name; `anchors` is None where nothing is configured."""

    def __init__(self, anchors: Anchors | None, *, margin_seconds: int) -> None:
        self.anchors = anchors
        self._margin_seconds = margin_seconds

    @classmethod
    def of(cls, settings: AnchorSettings) -> "OfferedAnchors":
        """Return what the settings offer."""
        return cls(EvmAnchors.of(settings), margin_seconds=settings.margin_seconds)

    async def rules(self) -> Json | None:
        """Return the anchor as rules name it; None where there is none."""
        if self.anchors is None:
            return None
        return (await self.anchors.place()).rules(margin_seconds=self._margin_seconds)
