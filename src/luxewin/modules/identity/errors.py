"""What identity refuses.

None of these tells whether somebody else has an account, except where a person takes an address for their own.
"""

from luxewin.kit.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated, Unavailable


class InvalidCredentials(Unauthenticated):
    """One refusal for an unknown address, a wrong password, a locked and a suspended account alike."""

    code = "identity.invalid_credentials"
    title = "Wrong email or password, or too many failed sign-ins; try again in a few minutes"


class InvalidToken(Unauthenticated):
    """The access token is not ours, has expired, or its session has ended."""

    code = "identity.invalid_token"
    title = "The access token is not valid or has expired; refresh it or log in again"


class InvalidRefreshToken(Unauthenticated):
    """The refresh token is unknown, expired or was used before; in the last case its session has ended now."""

    code = "identity.invalid_refresh_token"
    title = "The refresh token is not valid or has expired; log in again"


class RehearsalRefused(InvalidInput):
    """A refreshed token lives on past a rollback, so there is nothing to rehearse."""

    code = "identity.no_dry_run"
    title = "Refreshing a token does not support `Prefer: dry-run`"


class EmailTaken(Conflict):
    """An address, or one that reads the same, belongs to one account of a tenant."""

    code = "identity.email_taken"
    title = "An account with this email address already exists"


class WeakPassword(InvalidInput):
    """The password is among the first that anybody would try."""

    code = "identity.weak_password"
    title = "The password is too easy to guess; choose a longer or less common one"


class ReauthenticationFailed(Forbidden):
    """What an account hangs on is changed only by whoever knows its password now, not by whoever holds its token."""

    code = "identity.reauthentication_failed"
    title = "Send your current password as `current_password` to do this"


class RoleNotGrantable(Forbidden):
    """Nobody gives a role above their own, or changes their own role or status."""

    code = "identity.role_not_grantable"
    title = "You do not have permission to grant this role or status"


class LastSuperAdmin(Conflict):
    """Without any super admin nobody could make another one."""

    code = "identity.last_super_admin"
    title = "This is the last super admin of the installation; appoint another one first"


class UserUnknown(NotFound):
    """There is no such account, or it is not the caller's to see."""

    code = "identity.user_unknown"
    title = "The user does not exist"


class UserChangedMeanwhile(Conflict):
    """Somebody else changed the account; a fresh reading may succeed."""

    code = "identity.changed_meanwhile"
    title = "Another request changed the user at the same time; try again"
    retriable = True


class SessionUnknown(NotFound):
    """There is no such session, it has ended, or it is another person's."""

    code = "identity.session_unknown"
    title = "The session does not exist"


class PasswordsBusy(Unavailable):
    """More passwords wait to be checked than can be within a request's time."""

    code = "identity.busy"
    title = "Too many sign-ins at the moment; try again shortly"
