"""`luxewin status` and `luxewin doctor`: is it running, and what is wrong."""

import json
from typing import Annotated

import typer

from luxewin.cli.running import load_settings, run

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


def status(as_json: JsonOption = False) -> None:
    """Show whether the program runs, where, on which database, and whether its processes are healthy.

    Exits with 0 if it runs and is healthy, and with 1 otherwise. Starts nothing.
    """
    from luxewin.cli.status import read_status

    found = run(read_status(load_settings()))
    if as_json:
        print(json.dumps(found.document()))
    else:
        print("\n".join(found.lines()))
    if not found.is_healthy:
        raise typer.Exit(1)


def doctor(as_json: JsonOption = False) -> None:
    """Check what usually goes wrong, each with its remedy; exits with 1 if a check failed.

    Starts the embedded database for its checks if it is not running, and creates nothing.
    """
    from luxewin.cli.diagnosing import diagnose

    findings = run(diagnose())
    if as_json:
        print(json.dumps([finding.document() for finding in findings]))
    else:
        print("\n".join(line for finding in findings for line in finding.lines()))
    if any(finding.has_failed for finding in findings):
        raise typer.Exit(1)
