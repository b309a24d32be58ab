"""What is known of the plans of a session, as long as they are recent."""

from typing import TypeVar

Known = TypeVar("Known")
# More relations than one query has.
_AT_MOST = 1000


class Recent(dict[bytes, Known]):
    """What is known of each plan, by its bytes; the oldest goes, so that a session that stays holds no more."""

    def __setitem__(self, key: bytes, value: Known) -> None:
        if len(self) >= _AT_MOST:
            del self[next(iter(self))]
        super().__setitem__(key, value)
