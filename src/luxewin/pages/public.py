"""The pages by the path at which they are mounted; `main` passes them to the outermost middleware."""

from collections.abc import Mapping

from fastapi import FastAPI

from luxewin.kit.database import Database
from luxewin.kit.http.pages import Page
from luxewin.kit.settings import Settings
from luxewin.modules.raffles.public import Beacons
from luxewin.modules.tenants.public import Directory
from luxewin.pages.openapi.served import ApiDocuments
from luxewin.pages.raffles.pages import RafflePages
from luxewin.pages.raffles.requests import PREFIX
from luxewin.pages.reference import error_reference, missing_page, redirect_to_explorer, swagger_ui
from luxewin.pages.start import StartPage
from luxewin.pages.static_files import serve_static_file
from luxewin.pages.status import StatusReader

__all__ = ["missing_page", "pages_of"]


def pages_of(
    app: FastAPI,
    *,
    database: Database,
    directory: Directory,
    settings: Settings,
    beacons: Beacons,
    leaders: Mapping[str, int],
) -> dict[str, Page]:
    """Return the start page, the raffles, the documentation and the API documents of an application.

    `leaders` maps each kind of background process, such as the relay, to its advisory lock; the start page shows a
    process as running while its lock is held.
    """
    documents = ApiDocuments(app)
    reader = StatusReader(database, directory, first_tenant=settings.default_tenant, leaders=leaders)
    start = StartPage(reader, settings=settings)
    raffles = RafflePages(database, directory, beacons=beacons, settings=settings)
    return {
        "/": start.page,
        "/status.json": start.status,
        PREFIX: raffles.page,
        f"{PREFIX}/*": raffles.page,
        "/assets/*": serve_static_file,
        "/docs": swagger_ui,
        "/docs/errors": error_reference,
        "/redoc": redirect_to_explorer,
        "/openapi.json": documents.openapi_3_1,
        "/openapi-3.0.json": documents.openapi_3_0,
    }
