"""The person who confirms what another member of staff has proposed."""

from luxewin.kit.http.context import RequestContext
from luxewin.modules.identity.public import Confirmer, Device
from luxewin.modules.raffles.schemas.cancellations import ConfirmationBody


def confirmer_of(context: RequestContext, body: ConfirmationBody | None) -> Confirmer:
    """Return the caller as the person who confirms."""
    user_id = context.principal.user_id
    assert user_id is not None, "the permission requires an account"
    device = Device.of(address=context.address, user_agent=context.headers.get("user-agent", ""))
    return Confirmer(user_id=user_id, device=device, break_glass=None if body is None else body.break_glass)
