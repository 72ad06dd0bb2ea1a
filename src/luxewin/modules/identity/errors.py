"""Errors of identity.

None of them reveals whether another person has an account, except when a person registers or changes an address.
"""

from luxewin.kit.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated, Unavailable


class InvalidCredentials(Unauthenticated):
    """One error for an unknown address, a wrong password, and a locked or suspended account."""

    code = "identity.invalid_credentials"
    title = "Wrong email or password, or too many failed sign-ins; try again in a few minutes"


class InvalidToken(Unauthenticated):
    """The access token was not issued here, has expired, or its session has ended."""

    code = "identity.invalid_token"
    title = "The access token is not valid or has expired; refresh it or log in again"


class InvalidRefreshToken(Unauthenticated):
    """The refresh token is unknown, expired or was used before. Reuse also ends its session."""

    code = "identity.invalid_refresh_token"
    title = "The refresh token is not valid or has expired; log in again"


class DryRunNotSupported(InvalidInput):
    """A dry run cannot return tokens, which would have no session, and must not confirm a password without a trace."""

    code = "identity.no_dry_run"
    title = "`Prefer: dry-run` is not supported where a secret is checked or tokens are returned"


class EmailTaken(Conflict):
    """An address, in any spelling that is equal after normalisation, belongs to one account of a tenant."""

    code = "identity.email_taken"
    title = "An account with this email address already exists"


class WeakPassword(InvalidInput):
    """The password is on the list of common passwords, is too uniform, or is the account's address."""

    code = "identity.weak_password"
    title = "The password is too easy to guess; choose a longer or less common one"


class ReauthenticationFailed(Forbidden):
    """The password and the address of an account are changed only with its current password; a token is not enough."""

    code = "identity.reauthentication_failed"
    title = "Send your current password as `current_password` to do this"


class RoleNotGrantable(Forbidden):
    """Nobody can grant a role above their own, or change their own role or status."""

    code = "identity.role_not_grantable"
    title = "You do not have permission to grant this role or status"


class NotIndependent(Forbidden):
    """Two people must decide this, and the tenant's rules for two people are not met; `rule` names the rule."""

    code = "identity.not_independent"
    title = "Another person must confirm this, whose account the first one has not made"


class LastSuperAdmin(Conflict):
    """Without a super admin nobody could create another one."""

    code = "identity.last_super_admin"
    title = "This is the last super admin of the installation; appoint another one first"


class UserUnknown(NotFound):
    """The account does not exist, or the caller may not see it."""

    code = "identity.user_unknown"
    title = "The user does not exist"


class UserChangedMeanwhile(Conflict):
    """The account was changed after it was read; a retry reads it again."""

    code = "identity.changed_meanwhile"
    title = "Another request changed the user at the same time; try again"
    retriable = True


class SessionUnknown(NotFound):
    """The session does not exist, has ended, or belongs to another account."""

    code = "identity.session_unknown"
    title = "The session does not exist"


class PasswordsBusy(Unavailable):
    """More passwords are queued than can be checked within the time of a request."""

    code = "identity.busy"
    title = "Too many sign-ins at the moment; try again shortly"
