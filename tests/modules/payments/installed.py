"""An installation on the tests' database, for opening payment gateways."""

from collections.abc import Mapping
from pathlib import Path

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.modules.payments.gateways.registry import GATEWAYS
from luxewin.runtime.installation import Installation
from tests.conftest import PASSWORDS, TestDatabase

_OF_GATEWAYS = tuple(f"LUXEWIN_{name.upper()}_" for name in GATEWAYS)


def installation_on(test_database: TestDatabase, folder: Path, environ: Mapping[str, str]) -> Installation:
    """Return an installation with the gateways' variables of this environment, and defaults for all others."""
    given = {name: value for name, value in environ.items() if name.startswith(_OF_GATEWAYS)}
    settings = Settings.load({"LUXEWIN_DATA_DIR": str(folder), **given}, SETTINGS_EXTENSIONS)
    secrets = Secrets(folder, b"the master key of one test, long", PASSWORDS)
    owner = {name: test_database.owner[name] for name in ("host", "port", "database", "user", "password")}
    return Installation(settings, secrets, DatabaseAddress(**owner))
