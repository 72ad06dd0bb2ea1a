"""The listening socket: bound once, by the supervisor, and passed to the API processes.

So a port that is in use is detected before anything starts, several processes share a port, and the restart of a
process loses no connection: new connections wait in the queue of the socket.
"""

import errno
import socket
import time
from typing import Any

from luxewin.kit.startup import StartupError

_BACKLOG = 2048
_RETRY_SECONDS = 1.0
_POLL_SECONDS = 0.05
_FIRST_UNPRIVILEGED_PORT = 1024


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes any free port.

    A port in use is retried for one second, because a previous run may be shutting down.

    Raises:
        StartupError: the port is in use, or the address does not belong to this machine.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return _bind(family, address)
    except OSError as error:
        raise StartupError(_remedy(error, host, port)) from error


def _bind(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    both = family is socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
    deadline = time.monotonic() + _RETRY_SECONDS
    while True:
        try:
            return socket.create_server(address[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=both)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
        time.sleep(_POLL_SECONDS)


def _remedy(error: OSError, host: str, port: int) -> str:
    if isinstance(error, socket.gaierror):
        return f"The host {host} cannot be resolved: set LUXEWIN_HOST to an address of this machine, such as 127.0.0.1"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use: stop the program that uses it, or set LUXEWIN_PORT to another port"
    if error.errno == errno.EACCES and port < _FIRST_UNPRIVILEGED_PORT:
        return f"Port {port} requires root: set LUXEWIN_PORT to {_FIRST_UNPRIVILEGED_PORT} or above"
    return f"Cannot listen on {host} ({error.strerror}): set LUXEWIN_HOST to an address of this machine"
