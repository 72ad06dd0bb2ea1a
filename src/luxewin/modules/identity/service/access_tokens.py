"""Access tokens: JWTs that expire after fifteen minutes, validated according to RFC 8725 and RFC 9068."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt

from luxewin.kit.ids import new_id
from luxewin.modules.identity.domain.roles import Role
from luxewin.modules.identity.errors import InvalidToken
from luxewin.modules.identity.service.signing_keys import ACCESS_TOKEN_SECONDS, Signer, SigningKeys

ALGORITHM = "EdDSA"
TYPE = "at+jwt"
LONGEST_TOKEN = 2000
_HEADERS = {"alg", "kid", "typ"}
_CLAIMS = ("sub", "sid", "tid", "role", "iss", "aud", "iat", "exp", "jti")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The claims of a token: user, session, tenant and expiry."""

    user_id: UUID
    session_id: UUID
    tenant_id: UUID
    expires_at: datetime


def issue(
    keys: SigningKeys, signer: Signer, *, user_id: UUID, session_id: UUID, tenant_id: UUID, role: Role, now: datetime
) -> str:
    """Return a token that expires in fifteen minutes; `now` is the time of the database."""
    issued_at = int(now.timestamp())
    claims = {
        "iss": keys.issuer,
        "aud": keys.audience,
        "sub": str(user_id),
        "sid": str(session_id),
        "tid": str(tenant_id),
        "role": role.value,
        "iat": issued_at,
        "exp": issued_at + ACCESS_TOKEN_SECONDS,
        "jti": str(new_id()),
    }
    return jwt.encode(claims, signer.private_key, algorithm=ALGORITHM, headers={"kid": signer.kid, "typ": TYPE})


async def read(keys: SigningKeys, token: str) -> Claims:
    """Return the claims of a valid token. Expiry is not checked; the caller compares it with the time of the database.

    Raises:
        InvalidToken: wrong algorithm, type, key, issuer, audience or signature; a header that brings its own key; a
            missing claim.
    """
    try:
        if len(token) > LONGEST_TOKEN:
            raise InvalidToken
        headers = jwt.get_unverified_header(token)
        if set(headers) != _HEADERS or headers["alg"] != ALGORITHM or headers["typ"] != TYPE:
            raise InvalidToken
        key = await keys.public_key(headers["kid"])
        if key is None:
            raise InvalidToken
        # The clock of this machine may be wrong, so times are not compared here.
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=keys.issuer,
            audience=keys.audience,
            options={
                "require": list(_CLAIMS),
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        return _claims(claims)
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
        raise InvalidToken from error


def _claims(claims: dict[str, Any]) -> Claims:
    return Claims(
        user_id=UUID(claims["sub"]),
        session_id=UUID(claims["sid"]),
        tenant_id=UUID(claims["tid"]),
        expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
    )
