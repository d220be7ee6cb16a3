from abc import ABC, abstractmethod

from stack.process import ManagedProcess
from stack.waiting import wait_ready


class Part(ABC):
    """A supervised server or service: a process, and a way to see that it is ready."""

    process: ManagedProcess

    @abstractmethod
    def ready(self) -> bool: ...

    def ailing(self) -> bool:
        """Whether it runs, answers, and says itself that only a restart will help."""
        return False

    def launch(self) -> None:
        """The first half of `start`: several parts can come up at the same time."""
        self.process.start()

    def wait_ready(self, timeout_seconds: float = 60) -> None:
        wait_ready(self.process, self.ready, timeout_seconds)

    def start(self, timeout_seconds: float = 60) -> None:
        self.launch()
        self.wait_ready(timeout_seconds)

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        self.process.kill()

    def pause(self) -> None:
        self.process.pause()

    def resume(self) -> None:
        self.process.resume()
