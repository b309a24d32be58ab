"""Settings of Spark that hold for one flow."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pyspark.sql import SparkSession


@contextmanager
def configured_session(session: SparkSession, settings: Mapping[str, str]) -> Iterator[None]:
    """The session with these settings; afterwards they are as before. PySparkException for one that cannot be set."""
    before = {name: session.conf.get(name, None) for name in settings}
    try:
        for name, value in settings.items():
            session.conf.set(name, value)
        yield
    finally:
        for name, value in before.items():
            if value is None:
                session.conf.unset(name)
            else:
                session.conf.set(name, value)
