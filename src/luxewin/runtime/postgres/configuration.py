"""How the embedded server is configured.

`INITIAL` is written into a new cluster's postgresql.conf and may be edited there, or by ALTER SYSTEM. What the promises
rest on is given on the command line at every start, where it cannot be edited away.
"""

from luxewin.runtime.postgres.layout import PORT, Layout

INITIAL = """
# For a shop on one machine that it shares with the program.
shared_buffers = 128MB
effective_cache_size = 512MB
work_mem = 8MB
maintenance_work_mem = 64MB
max_parallel_workers_per_gather = 0     # the cores are for other requests
jit = off
random_page_cost = 1.1

# Room for backups by pg_basebackup; bounded recovery after a crash.
wal_level = replica
max_wal_senders = 4
min_wal_size = 80MB
max_wal_size = 1GB
checkpoint_timeout = 5min

# One file for each day of the week. Values of rows and parameters stay out of the log.
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] %q%u@%d '
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_checkpoints = off
timezone = 'UTC'
log_timezone = 'UTC'
"""

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start_arguments(layout: Layout, *, connections: int, durable: bool) -> list[str]:
    """Return the arguments that every start is given: one socket, no network, a log, and what durability asks for."""
    given = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": '"{}"'.format(str(layout.sockets).replace('"', '""')),
        "unix_socket_permissions": "0700",
        "max_connections": str(connections),
        "logging_collector": "on",
        "log_directory": "../../log/postgres",
        **(DURABLE if durable else FORGETFUL),
    }
    return ["-D", str(layout.cluster), *(part for name, value in given.items() for part in ("-c", f"{name}={value}"))]
