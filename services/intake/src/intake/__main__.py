from chassis.service import Service, main
from intake.bootstrap import bootstrap
from intake.settings import Settings

SERVICE = Service(name="intake", settings=Settings, bootstrap=bootstrap)

if __name__ == "__main__":
    main(SERVICE)
