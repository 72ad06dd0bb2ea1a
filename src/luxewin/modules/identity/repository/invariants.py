"""Invariants of accounts and sessions."""

from luxewin.kit.invariants import Invariants
from luxewin.modules.tenants.public import PLATFORM

INVARIANTS: Invariants = {
    "No account of a tenant has the address of a super admin": (
        "SELECT u.tenant_id, u.id FROM identity_users s JOIN identity_users u"
        " ON u.email_normalised = s.email_normalised AND u.tenant_id <> s.tenant_id"
        f" WHERE s.tenant_id = '{PLATFORM.id}' AND ($1::uuid IS NULL OR u.tenant_id = $1)"
    ),
    "A session has at most one live refresh token": (
        "SELECT tenant_id, session_id, count(*) AS live FROM identity_refresh_tokens"
        " WHERE status = 'live' AND ($1::uuid IS NULL OR tenant_id = $1)"
        " GROUP BY tenant_id, session_id HAVING count(*) > 1"
    ),
    "A session that has ended has no live refresh token": (
        "SELECT t.tenant_id, t.session_id FROM identity_refresh_tokens t JOIN identity_sessions s"
        " ON s.tenant_id = t.tenant_id AND s.id = t.session_id"
        " WHERE t.status = 'live' AND s.ended_at IS NOT NULL AND ($1::uuid IS NULL OR t.tenant_id = $1)"
    ),
}
