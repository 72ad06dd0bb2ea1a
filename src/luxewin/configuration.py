"""The requirements of the modules: settings and login roles, read by every process and command.

The modules imported here contain only declarations, because the supervisor imports them too.
"""

from collections.abc import Mapping, Sequence

from luxewin.kit import roles
from luxewin.kit.settings import SettingsExtension
from luxewin.modules.payments.gateways.settings import settings_extension as payments
from luxewin.modules.raffles import settings as raffles

SETTINGS_EXTENSIONS: Sequence[SettingsExtension] = (raffles.EXTENSION, payments())
LOGIN_ROLES: Mapping[str, str] = roles.login_roles(*(extension.login_roles for extension in SETTINGS_EXTENSIONS))
"""The group role of each login role, by its purpose."""
