"""`redressctl`, also as `python -m redressctl`."""

import os
import signal
import sys

import httpx
from rich.console import Console
from rich.markup import escape

from redressctl.commands import app
from redressctl.errors import ApiProblem, CtlError

_INTERRUPTED = 130
_NO_STACK = (
    "This redressctl came without the embedded stack. Name an installation by --url and --key (or REDRESS_URL and"
    " REDRESS_KEY), or install redress-ctl[stack]."
)


def main() -> None:
    """Every expected failure is one sentence on stderr and an exit code that is not 0."""
    expected: tuple[type[Exception], ...] = (CtlError, httpx.HTTPError, *_stack_errors())
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: what was started is stopped
    try:
        app(standalone_mode=True)
    except expected as error:
        _tell(type(error).__name__, str(error))
        forbidden = isinstance(error, ApiProblem) and error.status == httpx.codes.FORBIDDEN
        sys.exit(2 if forbidden else getattr(error, "exit_code", 1))
    except ModuleNotFoundError as error:
        if error.name != "stack":
            raise
        _tell("NoStackHere", _NO_STACK)
        sys.exit(2)
    except BrokenPipeError:  # `… | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _tell(type(error).__name__, f"{error.strerror or error}: {error.filename or 'no file'}. {_todo(error)}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def _stack_errors() -> tuple[type[Exception], ...]:
    """Of the embedded stack, an extra: images that only drive an installation have no servers in them."""
    try:
        from stack.errors import StackError
    except ModuleNotFoundError:
        return ()
    return (StackError,)


def _tell(name: str, text: str) -> None:
    Console(stderr=True).print(f"[red]{name}[/red] {escape(text)}", soft_wrap=True, highlight=False)


def _todo(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "Run it as the user that owns the file or directory, or give another one."
    if isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError):
        return "Check the path."
    return "See if the disk is full, and if the file system can be written to."


if __name__ == "__main__":
    main()
