"""What is known of the plans of a session, as long as they are recent."""

from threading import Lock
from typing import Generic, TypeVar

Known = TypeVar("Known")
# More relations than one query has.
_AT_MOST = 1000


class Recent(Generic[Known]):
    """What is known of each plan, by its bytes; the oldest goes, so that a session that stays holds no more."""

    def __init__(self) -> None:
        self._known: dict[bytes, Known] = {}
        # Threads write tables side by side.
        self._changing = Lock()

    def get(self, key: bytes) -> Known | None:
        """What is known of a plan."""
        return self._known.get(key)

    def __setitem__(self, key: bytes, value: Known) -> None:
        with self._changing:
            if len(self._known) >= _AT_MOST:
                del self._known[next(iter(self._known))]
            self._known[key] = value

    def clear(self) -> None:
        """Nothing is known any more."""
        with self._changing:
            self._known.clear()
