"""Runs in a pod: registers complaints by kept and by fresh connections until it is told to end, and retries nothing.

Standard library only. A line for each answer: `ACK key complaint_id number time`, or `FAILED seconds what`.
"""

import http.client
import json
import os
import signal
import sys
import threading
import time
import urllib.parse
import uuid
from datetime import UTC, datetime

URL = urllib.parse.urlsplit(os.environ["LOAD_URL"])
KEPT, FRESH, REST_S = 3, 2, 0.8
_over = threading.Event()
_writing = threading.Lock()


def client(fresh: bool) -> None:
    connection = new_connection()
    while not _over.is_set():
        if fresh:
            connection.close()
        begun = time.monotonic()
        try:
            create(connection)
        except (OSError, http.client.HTTPException, ValueError) as error:
            tell("FAILED", f"{time.monotonic() - begun:.2f}", f"{type(error).__name__}: {error}")
            connection.close()
        _over.wait(REST_S)


def new_connection() -> http.client.HTTPConnection:
    return http.client.HTTPConnection(str(URL.hostname), URL.port or 80, timeout=30)


def create(connection: http.client.HTTPConnection) -> None:
    key = uuid.uuid4().hex
    headers = {"Authorization": f"Bearer {os.environ['LOAD_KEY']}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/complaints", complaint(key), {**headers, "Idempotency-Key": key})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 201:
        raise ValueError(f"{answer.status} {body[:200]!r}")
    made = json.loads(body)
    tell("ACK", key, made["complaint_id"], made["number"], datetime.now(UTC).isoformat())


def complaint(key: str) -> bytes:
    given = {
        "language": "en",
        "customer_name": f"Load {key[:8]}",
        "customer_email": f"{key[:8]}@customers.example",
        "product_family": "load-test",
        "serial": key,
        "description": f"Made by the cluster tests while something happens ({key}).",
        "injury_or_fire": "no",
    }
    return json.dumps(given).encode()


def tell(*words: str) -> None:
    with _writing:
        sys.stdout.write(" ".join(words).replace("\n", " ") + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: _over.set())
    clients = [threading.Thread(target=client, args=(number >= KEPT,)) for number in range(KEPT + FRESH)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
