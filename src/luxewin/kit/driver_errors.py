"""The errors of the database driver, by what they mean for its connection."""

import asyncpg

CONNECTION_LOST = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""The connection cannot be used any more.

A server process that is terminated sends an error, and then closes the connection. The driver raises
`InternalClientError` for a statement between the two: it still waits for the rest of the answer.
"""

DRIVER_ERRORS = (asyncpg.PostgresError, *CONNECTION_LOST)
"""Every error of a connection or of its server; a timeout is an `OSError`."""
