"""What is read once and holds until its files change."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")
NOTHING = object()


class Remembered(Generic[T]):
    """A value with the state of the files that it was read from; requests of several threads share it."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._lock = Lock()
        self._state: Hashable = NOTHING
        self._value: T | None = None

    def of(self, state: Hashable) -> T:
        """The value as of `state`, read anew when that is another than before."""
        with self._lock:
            if self._value is None or self._state != state:
                self._value, self._state = self._read(), state
            return self._value
