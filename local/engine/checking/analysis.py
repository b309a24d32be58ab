"""Asks Sail what a plan gives."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pyspark.errors import PySparkException

from local.engine.sessions.rewriting.interceptor import RewritingChannel

T = TypeVar("T")


class Analysis:
    """Asks over one channel, where plans go as they are, which saves the time of writing them anew."""

    def __init__(self, channel: RewritingChannel) -> None:
        self._channel = channel
        channel.rewrites = False

    @property
    def is_as_in_an_update(self) -> bool:
        """Whether plans are written anew."""
        return self._channel.rewrites

    def of(self, call: Callable[[], T]) -> T:
        """What the call gives, which asks Sail; what Sail refuses is asked again as an update asks it."""
        try:
            return call()
        except PySparkException:
            with self.as_in_an_update():
                return call()

    @contextmanager
    def as_in_an_update(self) -> Iterator[None]:
        """In this context plans are written anew."""
        before, self._channel.rewrites = self._channel.rewrites, True
        try:
            yield
        finally:
            self._channel.rewrites = before
