"""Authentication of bearer tokens: the signature, then the state of the session and the current role of its user."""

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

CACHE_SECONDS = 5.0
MAX_CACHED = 20_000


@dataclass(frozen=True, slots=True)
class _Verified:
    principal: Principal
    until: float


class Authenticator:
    """Returns the principal of a token, cached for five seconds at most.

    A logout, a new role or a suspension takes effect in all processes within five seconds, and at once in the process
    that made the change and calls `invalidate`. The cache is keyed by the hash of the token.
    """

    def __init__(self, database: Database, keys: SigningKeys, directory: Directory) -> None:
        self._database = database
        self._keys = keys
        self._directory = directory
        self._cache: OrderedDict[bytes, _Verified] = OrderedDict()

    async def __call__(self, token: str) -> Principal:
        """Return the principal of a token.

        Raises:
            InvalidToken: it was not issued here, has expired, its session has ended, or its account is not active.
        """
        digest = hashlib.sha256(token.encode()).digest()
        verified = self._cache.get(digest)
        if verified is None or verified.until <= time.monotonic():
            verified = await self._verify(token)
            self._store(digest, verified)
        return verified.principal

    def invalidate(self, *, user_id: UUID) -> None:
        """Remove a user's tokens from the cache, after a change of the account or its sessions."""
        for digest, verified in list(self._cache.items()):
            if verified.principal.user_id == user_id:
                del self._cache[digest]

    async def _verify(self, token: str) -> _Verified:
        claims = await access_tokens.read(self._keys, token)
        started_at = time.monotonic()
        principal, now = await self._principal(claims)
        remaining_seconds = (claims.expires_at - now).total_seconds()
        if remaining_seconds <= 0:
            raise InvalidToken
        return _Verified(principal, started_at + min(remaining_seconds, CACHE_SECONDS))

    async def _principal(self, claims: Claims) -> tuple[Principal, datetime]:
        tenant = await self._directory.by_id(claims.tenant_id)
        if tenant is None:
            raise InvalidToken
        session = await self._database.run(tenant, ANONYMOUS, lambda tx: sessions.find_active(tx, claims.session_id))
        if session is None or session[0] != claims.user_id:
            raise InvalidToken
        user_id, role, now = session
        return Principal(role, user_id=user_id, session_id=claims.session_id, tenant_id=tenant.id), now

    def _store(self, digest: bytes, verified: _Verified) -> None:
        self._cache[digest] = verified
        self._cache.move_to_end(digest)
        while len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)
