"""`luxewin admin …` and `luxewin tenant …`: administrators' passwords, and tenants."""

import json
from typing import Annotated

import typer

from luxewin.cli.running import find_installation, run

admin = typer.Typer(help="The administrators.", no_args_is_help=True)
tenant = typer.Typer(help="The tenants: the shops of this installation.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


@admin.command("reset-password")
def reset_password(
    email: Annotated[
        str | None, typer.Option(help="Address of the account; may be omitted if there is only one administrator.")
    ] = None,
    tenant: Annotated[
        str | None, typer.Option("--tenant", help="Slug of the administrator's tenant; by default, the super admins.")
    ] = None,
    prompt: Annotated[bool, typer.Option("--prompt", help="Ask for the password; by default, generate one.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Give an administrator a new password, and end all sessions of the account."""
    from luxewin.cli.accounts import reset_admin_password

    password = typer.prompt("New password", hide_input=True, confirmation_prompt=True) if prompt else None
    reset = run(reset_admin_password(find_installation(), email=email, tenant_slug=tenant, password=password))
    if as_json:
        print(json.dumps(reset))
        return
    print(f"The password of {reset['email']} is new, and {reset['ended_sessions']} sessions have ended")
    if password is None:
        print(f"\n  password  {reset['password']}\n\nIt is printed only this once.")


@tenant.command("create")
def create_tenant(
    slug: Annotated[str, typer.Argument(help="The short name, for the header `X-Tenant`; cannot be changed later.")],
    *,
    name: Annotated[str, typer.Option(help="The name of the shop.")],
    currency: Annotated[str, typer.Option(help="ISO 4217, such as EUR; cannot be changed later.")],
    admin_email: Annotated[
        str | None, typer.Option(help="Also create an administrator with this address and a generated password.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a tenant with everything that it needs for a first order; a running program serves it within seconds."""
    from luxewin.cli.tenants import add_tenant

    added = run(add_tenant(find_installation(), slug=slug, name=name, currency=currency, admin_email=admin_email))
    if as_json:
        print(json.dumps(added))
        return
    print(f"Created the tenant {slug}")
    if admin_email is not None:
        print(f"\n  administrator  {added['admin']['email']}\n  password       {added['admin']['password']}")
        print("\nThe password is printed only this once.")


@tenant.command("list")
def list_tenants(as_json: JsonOption = False) -> None:
    """List the tenants, by slug."""
    from luxewin.cli.tenants import read_tenants

    tenants = run(read_tenants(find_installation()))
    if as_json:
        print(json.dumps(tenants))
        return
    for row in tenants:
        domains = " ".join(row["domains"])
        print(f"{row['slug']:<20} {row['currency']}  {row['status']:<10} {row['name']}  {domains}".rstrip())
