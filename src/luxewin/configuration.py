"""What the modules require of an installation: their groups of settings, and their login roles in the database."""

from collections.abc import Mapping, Sequence

from luxewin.kit import roles
from luxewin.kit.settings import Settings, documented_table
from luxewin.kit.variables import Group
from luxewin.modules.payments import settings as payments
from luxewin.modules.raffles import settings as raffles
from luxewin.runtime.installation import Installation

SETTINGS_GROUPS: Sequence[type[Group]] = (*raffles.SETTINGS_GROUPS,)
LOGIN_ROLES: Mapping[str, str] = {**roles.LOGIN_ROLES, **payments.LOGIN_ROLES}
"""The group role of each login role, by its purpose."""


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings of the program and of its modules.

    Raises:
        SettingsError: a variable is unknown, has a value that cannot be used, or is unsafe in production.
    """
    return Settings.load(environ, SETTINGS_GROUPS)


def settings_table() -> str:
    """Return the Markdown table of every setting."""
    return documented_table(SETTINGS_GROUPS)


def find_installation(environ: Mapping[str, str]) -> Installation:
    """Read the settings and open the secrets.

    Raises:
        StartupError: a setting or the data folder cannot be used.
    """
    return Installation.of(load_settings(environ), login_roles=LOGIN_ROLES)
