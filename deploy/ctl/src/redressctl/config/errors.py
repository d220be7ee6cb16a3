from redressctl.errors import CtlError


class BadFiles(CtlError):
    """What cannot be read as definitions, each with its file and line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))


class PlanFailed(CtlError):
    """Where exit code 2 means changes, whatever else goes wrong is 1."""
