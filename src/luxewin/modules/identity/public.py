"""The public API of `identity`.

Accounts of super admins belong to the platform (`PLATFORM`), all others to their tenant. Services of the program:
`SigningKeys`, `RefreshTokens`, `Fingerprints`, `Passwords`, `Authenticator`.
"""

from luxewin.modules.identity.domain.accounts import User, UserStatus
from luxewin.modules.identity.domain.emails import canonical_email, email_key
from luxewin.modules.identity.domain.roles import Role, sellers
from luxewin.modules.identity.domain.sessions import Device
from luxewin.modules.identity.errors import (
    DryRunNotSupported,
    EmailTaken,
    InvalidCredentials,
    InvalidToken,
    NotIndependent,
    PasswordsBusy,
    UserUnknown,
    WeakPassword,
)
from luxewin.modules.identity.repository.invariants import INVARIANTS
from luxewin.modules.identity.repository.users import Credentials
from luxewin.modules.identity.schemas import Email, GivenPassword, NewPassword, TokensView, UserView
from luxewin.modules.identity.service.authenticator import Authenticator
from luxewin.modules.identity.service.change_user import find_user, find_user_by_email, find_users
from luxewin.modules.identity.service.confirm_together import Confirmer, must_be_two_people
from luxewin.modules.identity.service.failed_attempts import count_failed_attempt
from luxewin.modules.identity.service.fingerprints import Fingerprints
from luxewin.modules.identity.service.log_in import (
    OpenSession,
    account_of,
    log_in,
    open_session,
)
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.identity.service.refresh_tokens import RefreshTokens
from luxewin.modules.identity.service.register import (
    ensure_super_admin,
    must_be_strong,
    must_not_be_super_admin_email,
    register,
    super_admin_exists,
)
from luxewin.modules.identity.service.reset_password import list_administrators, reset_password
from luxewin.modules.identity.service.secret_checks import must_not_be_dry_run
from luxewin.modules.identity.service.sessions import delete_expired
from luxewin.modules.identity.service.signing_keys import MasterKeyChangedError, Signer, SigningKeys
from luxewin.modules.identity.service.tokens import tokens_of
from luxewin.modules.tenants.public import PLATFORM

__all__ = [
    "INVARIANTS",
    "PLATFORM",
    "Authenticator",
    "Confirmer",
    "Credentials",
    "Device",
    "DryRunNotSupported",
    "Email",
    "EmailTaken",
    "Fingerprints",
    "GivenPassword",
    "InvalidCredentials",
    "InvalidToken",
    "MasterKeyChangedError",
    "NewPassword",
    "NotIndependent",
    "OpenSession",
    "Passwords",
    "PasswordsBusy",
    "RefreshTokens",
    "Role",
    "Signer",
    "SigningKeys",
    "TokensView",
    "User",
    "UserStatus",
    "UserUnknown",
    "UserView",
    "WeakPassword",
    "account_of",
    "canonical_email",
    "count_failed_attempt",
    "delete_expired",
    "email_key",
    "ensure_super_admin",
    "find_user",
    "find_user_by_email",
    "find_users",
    "list_administrators",
    "log_in",
    "must_be_strong",
    "must_be_two_people",
    "must_not_be_dry_run",
    "must_not_be_super_admin_email",
    "open_session",
    "register",
    "reset_password",
    "sellers",
    "super_admin_exists",
    "tokens_of",
]
