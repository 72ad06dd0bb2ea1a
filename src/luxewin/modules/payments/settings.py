"""What payments requires of an installation."""

from luxewin.kit.settings import SettingsExtension

SIMULATOR_ROLE = "luxewin_simulator"
"""The group role of the simulated gateway, which reads and writes the tables of the simulator only."""

EXTENSION = SettingsExtension(login_roles={"simulator": SIMULATOR_ROLE})
