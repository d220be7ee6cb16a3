"""Runs in a pod: which of the addresses in its arguments take a connection. The last line is JSON."""

import json
import socket
import sys


def reaches(target: str) -> bool:
    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=4).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.stdout.write(json.dumps({target: reaches(target) for target in sys.argv[1:]}) + "\n")
