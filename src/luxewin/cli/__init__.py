"""`luxewin …`: the commands of the program."""

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from luxewin import __version__
from luxewin.cli import administration, diagnosis
from luxewin.cli.running import find_installation, load_settings, run
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.settings import Settings, format_provider_tables, format_settings_table
from luxewin.kit.startup import StartupError

app = typer.Typer(
    help="A commerce backend for goods and raffles.", no_args_is_help=True, pretty_exceptions_enable=False
)
events = typer.Typer(help="The event log and its listeners.", no_args_is_help=True)
keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)
app.add_typer(events, name="events")
app.add_typer(keys, name="keys")
app.add_typer(administration.admin, name="admin")
app.add_typer(administration.tenant, name="tenant")
app.command("status")(diagnosis.status)
app.command("doctor")(diagnosis.doctor)

TenantOption = Annotated[
    str | None, typer.Option("--tenant", help="Slug of the tenant; by default the default tenant.")
]

PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="A file with a passphrase in its first line, which encrypts the master key in the archive.",
    ),
]


def main() -> None:
    """Run a command; print a `StartupError` as lines, without a stack trace."""
    try:
        app()
    except StartupError as error:
        sys.exit("\n".join(f"luxewin: {line}" for line in str(error).splitlines()))


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"LuxeWin {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version, and exit.")
    ] = False,
) -> None:
    """A commerce backend for goods and raffles."""


@app.command()
def start() -> None:
    """Start the embedded database, the API, the worker and the relay."""
    from luxewin.cli.starting import start_everything

    run(start_everything(find_installation()))


@app.command()
def migrate() -> None:
    """Migrate the database to the newest schema revision."""
    from luxewin.cli.starting import migrate_only

    run(migrate_only(find_installation()))


@app.command()
def prove(
    tenant: TenantOption = None,
) -> None:
    """Check every invariant on the current data.

    Exits with 0 if all hold. Exits with 1 if one is violated or cannot be checked, and prints it with the first row
    that violates it. With --tenant, invariants that concern a single tenant are checked for that tenant only.
    """
    from luxewin.cli.proving import prove_everything

    if not run(prove_everything(find_installation(), tenant)):
        raise typer.Exit(1)


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(help="The folder for the archive; with --verify, the archive.")],
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Keep this number of archives of this installation, and delete older ones."),
    ] = None,
    passphrase_file: PassphraseOption = None,
    verify: Annotated[bool, typer.Option("--verify", help="Check an existing archive instead of writing one.")] = False,
) -> None:
    """Write a consistent backup of the installation to one file, while it runs."""
    from luxewin.cli.backing_up import back_up
    from luxewin.cli.backing_up import verify as verify_archive

    if verify:
        run(verify_archive(load_settings(), path))
    else:
        run(back_up(find_installation(), path, keep=keep, passphrase_file=passphrase_file))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="An archive written by `luxewin backup`.")],
    passphrase_file: PassphraseOption = None,
    drill: Annotated[
        bool,
        typer.Option(
            "--drill", help="Test the archive: restore it to a temporary server, check every invariant, and delete it."
        ),
    ] = False,
) -> None:
    """Restore the installation from an archive; exits with 1 if a drill finds a violated invariant."""
    if drill:
        from luxewin.cli.drilling import drill as run_drill

        if not run(run_drill(load_settings(), file, passphrase_file)):
            raise typer.Exit(1)
    else:
        from luxewin.cli.restoring import restore as restore_archive

        run(restore_archive(load_settings(), file, passphrase_file))


class FileFormat(StrEnum):
    """The format of a product file."""

    CSV = "shopify_csv"
    LINES = "jsonl"


FormatOption = Annotated[
    FileFormat | None,
    typer.Option("--format", help="The format of the file; by default from its name.", show_default=False),
]


class DuplicateSku(StrEnum):
    """What happens to a SKU that the file has before."""

    REFUSE = "refuse"
    CLEAR = "clear"
    SUFFIX = "suffix"


class Delimiter(StrEnum):
    """The separator of the columns."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    BAR = "bar"


class DecimalCharacter(StrEnum):
    """The character before decimals."""

    POINT = "point"
    COMMA = "comma"


class WeightUnit(StrEnum):
    """The unit of weights without one."""

    G = "g"
    KG = "kg"
    LB = "lb"
    OZ = "oz"


DryRunOption = Annotated[
    bool, typer.Option(help="Report what would change, field by field, without changing anything.")
]
SkipErrorsOption = Annotated[
    bool, typer.Option(help="Import the valid products; by default one error stops the import.")
]
DuplicateSkuOption = Annotated[
    DuplicateSku, typer.Option(help="A SKU that the file has before is an error, is cleared, or gets a number.")
]
MappingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", help="COLUMN=FIELD: the field that a column holds; COLUMN= ignores it. Several are possible."
    ),
]
DelimiterOption = Annotated[Delimiter | None, typer.Option(help="The separator of the columns; detected by default.")]
EncodingOption = Annotated[str | None, typer.Option(help="The encoding, such as windows-1251; detected by default.")]
DecimalOption = Annotated[
    DecimalCharacter | None, typer.Option(help="The decimal character of amounts; detected by default.")
]

ImageBaseOption = Annotated[
    str | None, typer.Option(help="The address in front of images that have only a path or a name.")
]
WeightUnitOption = Annotated[
    WeightUnit | None, typer.Option(help="The unit of weights that have none in the file; kg by default.")
]


@app.command("import")
def import_products(
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="A product file: CSV or workbook of Shopify or another platform, JSON Lines.",
        ),
    ] = None,
    *,
    tenant: TenantOption = None,
    file_format: FormatOption = None,
    dry_run: DryRunOption = False,
    overwrite_stock: Annotated[
        bool, typer.Option(help="Also set the stock of existing variants; by default only that of new ones.")
    ] = False,
    skip_errors: SkipErrorsOption = False,
    replace_variants: Annotated[
        bool, typer.Option(help="Delete variants of the file's products that the file does not have.")
    ] = False,
    on_duplicate_sku: DuplicateSkuOption = DuplicateSku.CLEAR,
    mapping: MappingOption = None,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = None,
    decimal: DecimalOption = None,
    image_base: ImageBaseOption = None,
    weight_unit: WeightUnitOption = None,
    undo: Annotated[bool, typer.Option("--undo", help="Undo the last import.")] = False,
) -> None:
    """Import products from a file, or undo the last import."""
    from luxewin.cli import products
    from luxewin.modules.catalog_import.public import DuplicateSku as Policy
    from luxewin.modules.catalog_import.public import ImportFormat, ImportOptions, OnError, StockPolicy, VariantPolicy

    if (file is None) != undo:
        raise typer.BadParameter("give either a file or --undo")
    if file is None:
        done = run(products.undo_import(find_installation(), tenant))
    else:
        options = ImportOptions(
            format=products.format_of(file, ImportFormat(file_format) if file_format else None),
            dry_run=dry_run,
            stock=StockPolicy.OVERWRITE if overwrite_stock else StockPolicy.KEEP,
            on_error=OnError.SKIP if skip_errors else OnError.ABORT,
            variants=VariantPolicy.REPLACE if replace_variants else VariantPolicy.KEEP,
            on_duplicate_sku=Policy(on_duplicate_sku.value),
            reading=products.reading_options(
                mapping or [],
                delimiter=delimiter,
                encoding=encoding,
                decimal=decimal,
                image_base=image_base,
                weight_unit=weight_unit,
            ),
        )
        done = run(products.import_products(find_installation(), file, tenant, options))
    if not done:
        raise typer.Exit(1)


@app.command("export")
def export_products(
    file: Annotated[Path | None, typer.Argument(help="The file to write; by default standard output.")] = None,
    tenant: TenantOption = None,
    file_format: FormatOption = None,
) -> None:
    """Export all products to a file: in Shopify's CSV format, or as JSON Lines."""
    from luxewin.cli import products
    from luxewin.modules.catalog_import.public import ImportFormat

    chosen = products.format_of(file, ImportFormat(file_format) if file_format else None)
    run(products.export_products(find_installation(), file, tenant, chosen))


@events.command("dead-letters")
@events.command("parked", hidden=True)  # its former name
def list_dead_letters() -> None:
    """List the events that a listener failed to handle five times."""
    from luxewin.cli.dead_letters import show_dead_letters

    run(show_dead_letters(find_installation()))


@events.command("replay")
def replay_events(tenant: TenantOption = None) -> None:
    """Handle dead-lettered events again, in order; exits with 1 if some fail again."""
    from luxewin.cli.dead_letters import replay_dead_letters

    if not run(replay_dead_letters(find_installation(), tenant)):
        raise typer.Exit(1)


@keys.command("rotate")
def rotate_keys() -> None:
    """Sign access tokens with a new key; tokens that are already signed stay valid until they expire."""
    from luxewin.cli.accounts import rotate_signing_key

    run(rotate_signing_key(find_installation()))


@app.command("verify-draw")
def verify_draw(
    file: Annotated[Path, typer.Argument(help="The published proof of a draw.")],
    rpc: Annotated[str | None, typer.Option(help="URL of a node of the chain, to check the anchor.")] = None,
    details: Annotated[
        Path | None, typer.Option(help="What buyers were promised, as `details` of the raffle: compared with its hash.")
    ] = None,
) -> None:
    """Verify a draw offline, step by step; exits with 1 at the first step that fails."""
    from luxewin.cli.drawing import verify

    if not verify(file, rpc, details):
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
    """Recompute the Merkle root, the seed and the positions of a draw from its published inputs."""
    from luxewin.cli.drawing import recompute

    print(json.dumps(run(recompute(file)), indent=2))


@app.command("deploy-anchor")
def deploy_anchor_contract() -> None:
    """Deploy the anchor contract to the chain of the settings."""
    from luxewin.modules.raffles.public import require_web3

    require_web3()
    from luxewin.cli.anchoring import deploy_anchor

    run(deploy_anchor(Settings.load(os.environ, SETTINGS_EXTENSIONS)))


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    from luxewin.main import openapi_document

    print(openapi_document().decode(), end="")


@app.command(hidden=True)
def migration(name: str) -> None:
    """Draft a migration from the difference between the models and the newest revision."""
    from luxewin.cli.drafting import draft_migration

    run(draft_migration(find_installation(), name))


@app.command("settings")
def showload_settings() -> None:
    """Print the table of settings, in the format of the documentation, and one for each provider."""
    print(format_settings_table(SETTINGS_EXTENSIONS))
    print(format_provider_tables(SETTINGS_EXTENSIONS), end="")
