import sys

from chassis.service import Service, main
from gateway.bootstrap import bootstrap
from gateway.entrypoints.http import create_app
from gateway.entrypoints.openapi import as_text
from gateway.settings import Settings

SERVICE = Service(name="gateway", settings=Settings, bootstrap=bootstrap)

if __name__ == "__main__":
    if sys.argv[1:] == ["openapi"]:
        # The document needs neither a server nor settings.
        sys.stdout.write(as_text(create_app()))
    else:
        main(SERVICE)
