"""The settings that modules declare beside those of the program: every process and command reads both.

What is imported here declares variables and no more, because also the supervisor imports it.
"""

from collections.abc import Sequence

from luxewin.kit.settings import SettingsExtension
from luxewin.modules.payments.gateways.settings import settings_extension as payments

SETTINGS_EXTENSIONS: Sequence[SettingsExtension] = (payments(),)
