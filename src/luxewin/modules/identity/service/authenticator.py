"""Who a bearer token stands for: its signature, then whether its session lives and what its owner may do now."""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.database import Database
from luxewin.modules.identity.errors import InvalidToken
from luxewin.modules.identity.repository import sessions
from luxewin.modules.identity.service import access_tokens
from luxewin.modules.identity.service.access_tokens import Claims
from luxewin.modules.identity.service.signing_keys import SigningKeys
from luxewin.modules.tenants.public import Directory

REMEMBERED_SECONDS = 5.0
MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Verified:
    principal: Principal
    until: float


class Authenticator:
    """Turns a token into a principal and remembers it for five seconds at most.

    So a log-out, a new role or a suspension is felt everywhere within five seconds, and at once in the process that
    made it, which calls `forget`. What is remembered is found by the token's hash, never by the token.
    """

    def __init__(self, database: Database, keys: SigningKeys, directory: Directory) -> None:
        self._database = database
        self._keys = keys
        self._directory = directory
        self._remembered: OrderedDict[bytes, _Verified] = OrderedDict()

    async def __call__(self, token: str) -> Principal:
        """Return the principal of a token.

        Raises:
            InvalidToken: it is not ours, has expired, its session has ended or its account was closed.
        """
        digest = hashlib.sha256(token.encode()).digest()
        verified = self._remembered.get(digest)
        if verified is None or verified.until <= time.monotonic():
            verified = await self._verify(token)
            self._remember(digest, verified)
        return verified.principal

    def forget(self, *, user_id: UUID) -> None:
        """Look at every token of a person anew: something about them has just changed."""
        for digest, verified in list(self._remembered.items()):
            if verified.principal.user_id == user_id:
                del self._remembered[digest]

    async def _verify(self, token: str) -> _Verified:
        claims = await access_tokens.read(self._keys, token)
        asked_at = time.monotonic()
        principal, now = await self._principal(claims)
        remaining_seconds = (claims.expires_at - now).total_seconds()
        if remaining_seconds <= 0:
            raise InvalidToken
        return _Verified(principal, asked_at + min(remaining_seconds, REMEMBERED_SECONDS))

    async def _principal(self, claims: Claims) -> tuple[Principal, datetime]:
        tenant = await self._directory.by_id(claims.tenant_id)
        if tenant is None:
            raise InvalidToken
        living = await self._database.run(tenant, ANONYMOUS, lambda tx: sessions.living(tx, claims.session_id))
        if living is None or living[0] != claims.user_id:
            raise InvalidToken
        user_id, role, now = living
        return Principal(role, user_id=user_id, session_id=claims.session_id, tenant_id=tenant.id), now

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        self._remembered[digest] = verified
        self._remembered.move_to_end(digest)
        while len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)
