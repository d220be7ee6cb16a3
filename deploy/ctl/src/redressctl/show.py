"""Progress on the terminal: calm and live on a tty, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Tick = Callable[[], None]
_WIDTH_OFF_TERMINAL = 120


def terminal() -> Console:
    """Standard output; where that is no terminal, lines are as wide as tables need."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OFF_TERMINAL)


class Story:
    """Chapters with a count, and lines that say who did what."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._progress = (
            Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=console,
                transient=True,
            )
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress:
            self._progress.stop()

    def tell(self, who: str, what: str) -> None:
        self.console.print(f"    [dim]{escape(who)}[/dim]  {escape(what)}", soft_wrap=True, highlight=False)

    @contextmanager
    def chapter(self, title: str, total: int | None = None) -> Iterator[Tick]:
        """Gives the function to be called once for each thing done."""
        begun = time.monotonic()
        done = 0
        bar = self._progress.add_task(title, total=total) if self._progress else None

        def tick() -> None:
            nonlocal done
            done += 1
            if self._progress and bar is not None:
                self._progress.advance(bar)

        yield tick
        if self._progress and bar is not None:
            self._progress.remove_task(bar)
        count = f"  {done}" if done else ""
        took = f"{time.monotonic() - begun:.1f} s"
        self.console.print(f"[bold]{escape(title)}[/bold]{count}  [dim]{took}[/dim]", soft_wrap=True, highlight=False)
