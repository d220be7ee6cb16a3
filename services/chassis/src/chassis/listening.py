"""A listening socket as a bind address says: `host:port`, and both families where it says `[::]:port`."""

import socket


def listening(bind: str, backlog: int) -> socket.socket:
    """Raises OSError that names the address.

    asyncio and uvloop would make `::` a door for IPv6 alone, and a kubelet that comes by IPv4 would find it closed.
    """
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=backlog, dualstack_ipv6=host == "::")
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {bind}: {error.strerror}") from error
