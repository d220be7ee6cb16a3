from chassis.service import Service, main
from notify.bootstrap import bootstrap
from notify.settings import Settings

SERVICE = Service(name="notify", settings=Settings, bootstrap=bootstrap)

if __name__ == "__main__":
    main(SERVICE)
