"""Configuration of the embedded server.

`INITIAL` is written to postgresql.conf of a new cluster, and may be changed there or with ALTER SYSTEM. Settings that
durability and security depend on are given on the command line, which has precedence over both.
"""

from luxewin.runtime.postgres.layout import PORT, Layout

INITIAL = """
# For one machine that the server shares with the program.
shared_buffers = 128MB
effective_cache_size = 512MB
work_mem = 8MB
maintenance_work_mem = 64MB
max_parallel_workers_per_gather = 0     # leave the cores to other requests
jit = off
random_page_cost = 1.1

# Allow pg_basebackup; limit the time of a recovery after a crash.
wal_level = replica
max_wal_senders = 4
min_wal_size = 80MB
max_wal_size = 1GB
checkpoint_timeout = 5min

# One file per day of the week. Values of rows and parameters are not logged.
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
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def start_arguments(layout: Layout, *, connections: int, durable: bool) -> list[str]:
    """Return the arguments of every start: a Unix socket, no TCP, a log, and the settings of durability."""
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": '"{}"'.format(str(layout.sockets).replace('"', '""')),
        "unix_socket_permissions": "0700",
        "max_connections": str(connections),
        "logging_collector": "on",
        "log_directory": "../../log/postgres",
        **(DURABLE if durable else NOT_DURABLE),
    }
    return [
        "-D",
        str(layout.cluster),
        *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
    ]
