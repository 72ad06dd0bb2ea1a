"""The listening socket: bound once, by the supervisor, and handed to the processes that serve it.

So a taken port is known before anything has started, several processes share one port, and a process that is started
again loses no connection: those wait in the socket's queue.
"""

import errno
import socket
import time
from typing import Any

from luxewin.kit.startup import StartupError

_BACKLOG = 2048
_PATIENCE_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 0.05
_FIRST_UNPRIVILEGED_PORT = 1024


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes any free one.

    A port that is taken is tried for one more second: a previous run may be on its way out.

    Raises:
        StartupError: the port is taken, or the address is none of this machine's.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return _bound(family, address)
    except OSError as error:
        raise StartupError(_remedy(error, host, port)) from error


def _bound(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    both = family is socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return socket.create_server(address[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=both)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
        time.sleep(_LOOK_AGAIN_SECONDS)


def _remedy(error: OSError, host: str, port: int) -> str:
    if isinstance(error, socket.gaierror):
        return f"The host {host} is not known: set LUXEWIN_HOST to an address of this machine, such as 127.0.0.1"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is taken: stop the program that uses it, or set LUXEWIN_PORT to another"
    if error.errno == errno.EACCES and port < _FIRST_UNPRIVILEGED_PORT:
        return f"Port {port} is kept for the administrator: set LUXEWIN_PORT to {_FIRST_UNPRIVILEGED_PORT} or above"
    return f"{host} cannot be listened on ({error.strerror}): set LUXEWIN_HOST to an address of this machine"
