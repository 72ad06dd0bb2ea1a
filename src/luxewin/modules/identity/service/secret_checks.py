"""What every check of a secret in the body of a request has in common, whichever operation makes it.

A password can be guessed wherever it is checked. So each check counts against the limit of credentials, for the network
of the client and for the account that is signed in, in all operations and processes together. And none is made in a dry
run, which would confirm a password without opening a session, and without an event that its owner could see.
"""

from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.limits import CREDENTIALS
from luxewin.kit.http.shared_limits import SharedLimits
from luxewin.modules.identity.errors import DryRunNotSupported


def must_not_be_dry_run(context: RequestContext) -> None:
    """Check that a request whose secret is checked, or whose response has tokens, is no dry run.

    Raises:
        DryRunNotSupported: it is one.
    """
    if context.is_dry_run:
        raise DryRunNotSupported


async def count_secret_check(context: RequestContext) -> None:
    """Count the check of a secret in an operation that does not count every request as one.

    Raises:
        TooMany: the network or the account has made too many checks in the last minute.
    """
    for caller in (context.address, context.principal.name):
        (await context.service(SharedLimits).count(CREDENTIALS, caller)).raise_if_exceeded()
