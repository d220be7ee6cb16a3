import sys

from chassis.command import main


def print_openapi() -> None:
    """The document needs neither a server nor settings."""
    from gateway.entrypoints.http import create_app
    from gateway.entrypoints.openapi import as_text

    sys.stdout.write(as_text(create_app()))


if __name__ == "__main__":
    if sys.argv[1:] == ["openapi"]:
        print_openapi()
    else:
        main("gateway")
