"""SQL scripts of migrations: frozen, one file a module, run as they stand."""

from importlib.resources import files

from alembic import context, op
from sqlalchemy.util import await_only


def run_script(revision: str, name: str) -> None:
    """Run `sql/<revision>/<name>.sql` within the migration's transaction; it may hold many statements."""
    script = files("luxewin.migrations").joinpath("sql", revision, f"{name}.sql").read_text(encoding="utf-8")
    if context.is_offline_mode():
        context.get_context().impl.static_output(script)
        return
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None, "a migration runs on an open connection"
    # The driver's own connection: SQLAlchemy would prepare the script, and a prepared statement is a single one.
    await_only(connection.driver_connection.execute(script))
