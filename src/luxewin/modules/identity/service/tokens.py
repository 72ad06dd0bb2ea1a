"""What a caller gets who is let in."""

from uuid import UUID

from luxewin.modules.identity.schemas import TokensView, UserView
from luxewin.modules.identity.service import access_tokens
from luxewin.modules.identity.service.log_in import OpenSession
from luxewin.modules.identity.service.signing_keys import ACCESS_TOKEN_SECONDS, Signer, SigningKeys


def tokens_of(opened: OpenSession, *, tenant_id: UUID, keys: SigningKeys, signer: Signer) -> TokensView:
    """Shape an open session for an answer, with a fresh access token; `tenant_id` is where the account lives."""
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
