import itertools
import random
import socket
from collections.abc import Callable

LOOPBACK = "127.0.0.1"
PortSource = Callable[[], int]

# Below the range that Linux takes for outgoing connections: a port from that range may be gone to some
# client between our looking and the server's binding.
_FIRST, _LAST = 20_000, 32_000
_given: set[int] = set()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback TCP port that nobody listens on and that this process has not given out before."""
    for port in iter(lambda: random.randint(_FIRST, _LAST), None):
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise AssertionError("unreachable")


def ports_from(base: int) -> PortSource:
    """Counts up from `base`: the same stack gets the same addresses on every run."""
    return itertools.count(base).__next__


def preferred_port(port: int) -> int:
    return port if is_free(port) else free_port()
