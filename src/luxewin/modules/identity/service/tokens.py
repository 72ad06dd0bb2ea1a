"""The response to a successful login or refresh."""

from uuid import UUID

from luxewin.modules.identity.schemas import TokensView, UserView
from luxewin.modules.identity.service import access_tokens
from luxewin.modules.identity.service.log_in import OpenSession
from luxewin.modules.identity.service.signing_keys import ACCESS_TOKEN_SECONDS, Signer, SigningKeys


def tokens_of(opened: OpenSession, *, tenant_id: UUID, keys: SigningKeys, signer: Signer) -> TokensView:
    """Return the view of an open session with a new access token; `tenant_id` is the tenant of the account."""
    return TokensView(
        user=UserView.of(opened.user),
        access_token=access_tokens.issue(
            keys,
            signer,
            user_id=opened.user.id,
            session_id=opened.session.id,
            tenant_id=tenant_id,
            role=opened.user.role,
            now=opened.now,
        ),
        refresh_token=opened.refresh_token,
        expires_in=ACCESS_TOKEN_SECONDS,
    )
