"""`redressctl`, also as `python -m redressctl`."""

import signal
import sys

import httpx
from rich.console import Console

from redressctl.commands import app
from redressctl.errors import ApiProblem, CtlError
from stack.errors import StackError

_INTERRUPTED = 130


def main() -> None:
    """Every expected failure is one sentence on stderr and an exit code that is not 0."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: what was started is stopped
    try:
        app(standalone_mode=True)
    except (CtlError, StackError, httpx.HTTPError) as error:
        Console(stderr=True).print(f"[red]{type(error).__name__}[/red] {error}", soft_wrap=True, highlight=False)
        forbidden = isinstance(error, ApiProblem) and error.status == httpx.codes.FORBIDDEN
        sys.exit(2 if forbidden else getattr(error, "exit_code", 1))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
