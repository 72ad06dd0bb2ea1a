"""The offline verifier: one file that needs nothing of this program."""

from pathlib import Path

import luxewin


def verifier_file() -> Path:
    """Return the path of the verifier: next to the installed package, or in the source tree."""
    installed = Path(luxewin.__file__).with_name("verify_draw.py")
    return installed if installed.exists() else Path(luxewin.__file__).parents[2] / "verify" / "verify_draw.py"
