from analytics.bootstrap import bootstrap
from analytics.settings import Settings
from chassis.service import Service, main

SERVICE = Service(name="analytics", settings=Settings, bootstrap=bootstrap)

if __name__ == "__main__":
    main(SERVICE)
