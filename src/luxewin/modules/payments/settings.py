"""What payments requires of an installation."""

from collections.abc import Mapping

SIMULATOR_ROLE = "luxewin_simulator"
"""The group role that owns nothing and reads and writes the simulated gateway's tables."""

LOGIN_ROLES: Mapping[str, str] = {"simulator": SIMULATOR_ROLE}
"""The group role of each login role, by its purpose."""
