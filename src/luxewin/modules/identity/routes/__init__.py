"""Accounts, sessions and keys over HTTP. Registering and logging in are a story of their own, in `workflows/log_in`."""

from luxewin.modules.identity.routes import sessions, users
from luxewin.modules.identity.routes.keys import well_known
from luxewin.modules.identity.routes.router import router

__all__ = ["router", "sessions", "users", "well_known"]
