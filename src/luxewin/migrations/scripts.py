"""SQL scripts of migrations: one file per module, never changed after their release."""

from importlib.resources import files

from alembic import context, op
from sqlalchemy.util import await_only


def run_script(revision: str, name: str) -> None:
    """Run `sql/<revision>/<name>.sql` in the transaction of the migration; it may contain many statements."""
    script = files("luxewin.migrations").joinpath("sql", revision, f"{name}.sql").read_text(encoding="utf-8")
    if context.is_offline_mode():
        context.get_context().impl.static_output(script)
        return
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None, "a migration runs on an open connection"
    # On the driver's connection: SQLAlchemy would prepare the script, which allows a single statement only.
    await_only(connection.driver_connection.execute(script))
