"""Opens the session of an update."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pyspark.errors import PySparkException

from local.engine.evaluating.observing import PlanObserver
from local.engine.evaluating.session import PipelineSession
from local.engine.sessions import sail, spark
from local.engine.sessions.client import ready
from local.engine.sessions.engines import EngineName

CHANNELS: dict[EngineName, Callable[[], Any]] = {"sail": sail.channel, "spark": spark.channel}


@contextmanager
def opened_session(engine: EngineName = "sail") -> Iterator[tuple[PipelineSession, PlanObserver]]:
    """A session of its own on an engine, and what sees its plans; released at the end."""
    with session_on(CHANNELS[engine]()) as opened:
        yield opened


@contextmanager
def session_on(
    channel: Any, observer: PlanObserver | None = None
) -> Iterator[tuple[PipelineSession, PlanObserver]]:
    """The same, on an engine's channel."""
    observer = observer or PlanObserver()
    channel.add_interceptor(observer)
    session: PipelineSession = ready(PipelineSession(channel))
    try:
        yield session, observer
    finally:
        # An engine that a signal has ended, as Ctrl-C ends Sail, has let go of it: no error, and no reason to wait.
        session.client.set_retry_policies([])
        with suppress(PySparkException):
            session.client.release_session()
        session.client.close()
