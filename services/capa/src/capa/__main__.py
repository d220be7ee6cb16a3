from capa.bootstrap import bootstrap
from capa.settings import Settings
from chassis.service import Service, main

SERVICE = Service(name="capa", settings=Settings, bootstrap=bootstrap)

if __name__ == "__main__":
    main(SERVICE)
