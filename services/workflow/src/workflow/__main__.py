from chassis.service import Service, main
from workflow.bootstrap import bootstrap
from workflow.settings import Settings

SERVICE = Service(name="workflow", settings=Settings, bootstrap=bootstrap)

if __name__ == "__main__":
    main(SERVICE)
