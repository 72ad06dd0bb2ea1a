"""`luxewin …`: every command of the program."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from luxewin.kit.observability.logs import configure
from luxewin.kit.settings import Settings
from luxewin.kit.startup import StartupError
from luxewin.runtime.installation import Installation

app = typer.Typer(
    help="A commerce backend that sells goods and chances.", no_args_is_help=True, pretty_exceptions_enable=False
)
events = typer.Typer(help="The event log and its listeners.", no_args_is_help=True)
keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)
app.add_typer(events, name="events")
app.add_typer(keys, name="keys")

TenantOption = Annotated[str | None, typer.Option("--tenant", help="The tenant's slug; the default tenant if missing.")]

PassphraseOption = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="A file whose first line locks the master key inside the archive."),
]


def main() -> None:
    """Run a command; what refuses to start is one line, not a stack trace."""
    try:
        app()
    except StartupError as refused:
        sys.exit("\n".join(f"luxewin: {line}" for line in str(refused).splitlines()))


@app.command()
def start() -> None:
    """Start everything: the database if it is the embedded one, the API, the worker and the relay."""
    from luxewin.cli.starting import start_everything

    _run(start_everything(_installation()))


@app.command()
def migrate() -> None:
    """Bring the database's schema to its newest revision."""
    from luxewin.cli.starting import migrate_only

    _run(migrate_only(_installation()))


@app.command()
def prove(
    tenant: TenantOption = None,
) -> None:
    """Check every law on the data as it is.

    Exits with 0 when all hold; with 1 when one does not or cannot be proved, and names it with the first row that says
    so. With --tenant, laws that are told tenant by tenant look at that one alone; the others look at everything.
    """
    from luxewin.cli.proving import prove_everything

    if not _run(prove_everything(_installation(), tenant)):
        raise typer.Exit(1)


@app.command()
def backup(
    place: Annotated[Path, typer.Argument(help="The folder to write an archive to; with --verify, the archive.")],
    keep: Annotated[
        int | None, typer.Option(min=1, help="Delete this installation's oldest archives there, but for so many.")
    ] = None,
    passphrase_file: PassphraseOption = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only read an archive to its end, and say if it is whole.")
    ] = False,
) -> None:
    """Write everything that the installation is into one file, while it runs."""
    from luxewin.cli.backing_up import back_up
    from luxewin.cli.backing_up import verify as read_to_its_end

    if verify:
        _run(read_to_its_end(_settings(), place))
    else:
        _run(back_up(_installation(), place, keep=keep, passphrase_file=passphrase_file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="An archive that `luxewin backup` has written.")],
    passphrase_file: PassphraseOption = None,
    drill: Annotated[
        bool, typer.Option("--drill", help="Only try it out: restore aside, check every law, and leave nothing behind.")
    ] = False,
) -> None:
    """Make the installation anew from an archive; exits with 1 if a drill finds a law broken."""
    if drill:
        from luxewin.cli.drilling import drill as try_out

        if not _run(try_out(_settings(), file, passphrase_file)):
            raise typer.Exit(1)
    else:
        from luxewin.cli.restoring import restore as make_anew

        _run(make_anew(_settings(), file, passphrase_file))


class FileFormat(StrEnum):
    """How a product file is written."""

    CSV = "shopify_csv"
    LINES = "jsonl"


FormatOption = Annotated[
    FileFormat | None, typer.Option("--format", help="What the file is; by default its name tells.", show_default=False)
]


@app.command("import")
def import_products(
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="A product file: Shopify's CSV format, or lines of JSON."),
    ] = None,
    *,
    tenant: TenantOption = None,
    file_format: FormatOption = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would change, field by field, and change nothing.")] = False,
    overwrite_stock: Annotated[
        bool, typer.Option(help="Set the stock of existing variants, too; otherwise only new ones get theirs.")
    ] = False,
    skip_errors: Annotated[
        bool, typer.Option(help="Bring in what is sound; otherwise one error, and nothing comes in.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last import back.")] = False,
) -> None:
    """Bring products in from a file, or take the last import back."""
    from luxewin.cli import products
    from luxewin.modules.catalog.public import Handling, ImportFormat, OnError, StockPolicy

    if (file is None) != undo:
        raise typer.BadParameter("name either a file or --undo")
    if file is None:
        done = _run(products.undo(_installation(), tenant))
    else:
        handling = Handling(
            format=products.format_of(file, ImportFormat(file_format) if file_format else None),
            dry_run=dry_run,
            stock=StockPolicy.OVERWRITE if overwrite_stock else StockPolicy.KEEP,
            on_error=OnError.SKIP if skip_errors else OnError.ABORT,
        )
        done = _run(products.bring_in(_installation(), file, tenant, handling))
    if not done:
        raise typer.Exit(1)


@app.command("export")
def export_products(
    file: Annotated[Path | None, typer.Argument(help="Where to write; standard output if missing.")] = None,
    tenant: TenantOption = None,
    file_format: FormatOption = None,
) -> None:
    """Write all products to a file: in Shopify's CSV format, or as lines of JSON."""
    from luxewin.cli import products
    from luxewin.modules.catalog.public import ImportFormat

    wanted = products.format_of(file, ImportFormat(file_format) if file_format else None)
    _run(products.take_out(_installation(), file, tenant, wanted))


@events.command("parked")
def parked_events() -> None:
    """List the events that a listener could not handle."""
    from luxewin.cli.listeners import show_parked

    _run(show_parked(_installation()))


@events.command("replay")
def replay_events(tenant: TenantOption = None) -> None:
    """Handle parked events again, in order."""
    from luxewin.cli.listeners import replay_parked

    if not _run(replay_parked(_installation(), tenant)):
        raise typer.Exit(1)


@keys.command("rotate")
def rotate_keys() -> None:
    """Sign with a fresh key from now on; tokens signed before stay good until they expire."""
    from luxewin.cli.accounts import rotate_signing_key

    _run(rotate_signing_key(_installation()))


@app.command("verify-draw")
def verify_draw(
    file: Annotated[Path, typer.Argument(help="The proof of a draw, as its shop published it.")],
    rpc: Annotated[str | None, typer.Option(help="A node of the anchor's chain, to look the anchor up.")] = None,
) -> None:
    """Verify a draw offline, step by step; exits with 1 at the first that fails."""
    from luxewin.cli.drawing import verify

    if not verify(file, rpc):
        raise typer.Exit(1)


@app.command("draw-recompute")
def draw_recompute(
    file: Annotated[
        Path,
        typer.Argument(
            help="Holds raffle_id, entries, a round of quicknet, and its signature unless a relay is asked."
        ),
    ],
) -> None:
    """Recompute root, seed and positions of a draw from what was published before it."""
    from luxewin.cli.drawing import recompute

    print(json.dumps(_run(recompute(file)), indent=2))


@app.command("deploy-anchor")
def deploy_anchor_contract() -> None:
    """Put the contract that draws are anchored in on the chain that the settings name."""
    from luxewin.kit.chain_settings import require_web3

    require_web3()
    from luxewin.cli.anchoring import deploy_anchor
    from luxewin.configuration import SETTINGS_EXTENSIONS

    _run(deploy_anchor(Settings.load(os.environ, SETTINGS_EXTENSIONS).anchor))


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from luxewin.main import openapi_document

    print(openapi_document().decode(), end="")


@app.command(hidden=True)
def migration(name: str) -> None:
    """Draft a migration from the difference between the models and the newest revision."""
    from luxewin.cli.drafting import draft_migration

    _run(draft_migration(_installation(), name))


@app.command("settings")
def show_settings() -> None:
    """Print the table of settings, as the documentation shows it, and one for each provider."""
    from luxewin.configuration import SETTINGS_EXTENSIONS
    from luxewin.kit.settings import documented_providers, documented_table

    print(documented_table(SETTINGS_EXTENSIONS))
    print(documented_providers(SETTINGS_EXTENSIONS), end="")


def _installation() -> Installation:
    from luxewin.configuration import SETTINGS_EXTENSIONS

    configure(human=sys.stdout.isatty())
    return Installation.find(os.environ, SETTINGS_EXTENSIONS)


def _settings() -> Settings:
    from luxewin.configuration import SETTINGS_EXTENSIONS

    configure(human=sys.stdout.isatty())
    return Settings.load(os.environ, SETTINGS_EXTENSIONS)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
