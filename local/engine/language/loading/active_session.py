"""The session as `SparkSession.getActiveSession()` and `builder.getOrCreate()` give it to a pipeline's code."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

REMOTE = "SPARK_REMOTE"


@contextmanager
def active(session: SparkSession) -> Iterator[None]:
    """`session` is this thread's active one, for as long as the context lasts.

    pyspark makes a session active only when it has built it itself and there is no other, so its own holder is set:
    the one place that reaches into pyspark.
    """
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    holder, remote = ConnectSession._active_session, os.environ.get(REMOTE)
    before = getattr(holder, "session", None)
    holder.session = session
    # The builder asks for an address before it looks for the active session.
    os.environ[REMOTE] = remote or "sc://localhost"
    try:
        yield
    finally:
        holder.session = before
        if remote is None:
            os.environ.pop(REMOTE, None)
