"""Asks Sail what a plan gives."""

from collections.abc import Callable
from typing import TypeVar

from pyspark.errors import PySparkException

from local.engine.sessions.rewriting.interceptor import RewritingChannel

T = TypeVar("T")


class Analysis:
    """Asks over one channel, where plans go as they are, which saves the time of writing them anew."""

    def __init__(self, channel: RewritingChannel) -> None:
        self._channel = channel
        channel.rewrites = False

    def of(self, call: Callable[[], T]) -> T:
        """What the call gives, which asks Sail; what Sail refuses is asked again as an update asks it."""
        if self._channel.rewrites:
            return call()
        try:
            return call()
        except PySparkException:
            self._channel.rewrites = True
            try:
                return call()
            finally:
                self._channel.rewrites = False
