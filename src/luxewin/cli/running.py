"""What every command begins with: its settings, its installation, and an event loop."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.observability.logs import configure
from luxewin.kit.settings import Settings
from luxewin.runtime.installation import Installation


def find_installation() -> Installation:
    """Return the installation of the environment; its secrets are created if they are missing."""
    configure(human=sys.stdout.isatty())
    return Installation.find(os.environ, SETTINGS_EXTENSIONS)


def load_settings() -> Settings:
    """Return the settings of the environment."""
    configure(human=sys.stdout.isatty())
    return Settings.load(os.environ, SETTINGS_EXTENSIONS)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a command's work to its end, and return its result."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
