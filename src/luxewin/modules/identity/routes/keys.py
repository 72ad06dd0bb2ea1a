"""The public keys that verify access tokens; mounted at the root, not under the base path."""

from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.modules.identity.schemas import KeySetView, KeyView
from luxewin.modules.identity.service.signing_keys import PUBLICATION_LEAD_SECONDS, SigningKeys

well_known = Router("identity")
READ_KEYS = everyone("identity.keys.read")


@well_known.operation(
    "GET", "/.well-known/jwks.json", permission=READ_KEYS, priority=Priority.DETAILS, response_model=KeySetView
)
async def read_key_set(context: CurrentContext) -> Response:
    """Read the public keys that verify access tokens.

    A JSON Web Key Set (RFC 7517). A new key is published ten minutes before it signs, and a retired key until its last
    token has expired; cache the set for five minutes at most.
    """
    keys = [KeyView.model_validate(key) for key in await context.service(SigningKeys).key_set()]
    return response(
        json_response(KeySetView(keys=keys), Cache_Control=f"public, max-age={PUBLICATION_LEAD_SECONDS // 2}")
    )
