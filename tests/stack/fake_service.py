"""Stands in for a service: `python fake_service.py <service> serve|migrate` answers /readyz with its environment."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Ops(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        told = {name: value for name, value in os.environ.items() if name.startswith("REDRESS_")}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    _, service, verb = sys.argv
    if os.environ.get("REDRESS_FAIL") == verb:
        sys.exit(f"{service} cannot {verb} today")
    if verb == "migrate":
        assert os.environ["REDRESS_MIGRATE_DSN"]
        return
    if verb == "provision":
        assert os.environ["REDRESS_NATS_USER"] == "provisioner"
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    host, port = os.environ["REDRESS_OPS_BIND"].rsplit(":", 1)
    HTTPServer((host, int(port)), Ops).serve_forever()


if __name__ == "__main__":
    main()
