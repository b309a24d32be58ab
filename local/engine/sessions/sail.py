"""Sail, a Spark Connect server in this process."""

import os
from functools import cache
from threading import Lock
from typing import Any

from pyspark.sql import SparkSession

from local.engine.sessions.client import ready

# Two threads at once would start a server each, and the one that nobody keeps would end.
_starting = Lock()


def _server() -> Any:
    with _starting:
        return _started()


@cache
def _started() -> Any:
    os.environ.setdefault("RUST_LOG", "error")
    # Sail's allocator (mimalloc) takes pages of 2 MiB, and the kernel clears each as a whole: a second of an update of
    # little data, and 150 MiB (bench/measurements.md).
    os.environ.setdefault("MIMALLOC_ALLOW_THP", "0")
    # By itself Sail forgets a session that was idle for 15 minutes, as under `lakehouse dev` during lunch.
    os.environ["SAIL_SPARK__SESSION_TIMEOUT_SECS"] = str(365 * 24 * 3600)
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    # It listens for as long as this object lives.
    return server


def new_session() -> SparkSession:
    """A session of its own: what one sets, another does not see. The first call starts Sail (10 ms)."""
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    return ready(ConnectSession.builder.channelBuilder(channel()).create())


def channel() -> Any:
    """The way to this process's one Sail server, for a session of any class (see client.ready).

    What Sail is known to answer otherwise than Spark is written anew on the way, or raises NeedsSpark.
    """
    from local.engine.sessions.rewriting.interceptor import RewritingChannel

    return RewritingChannel("sc://{}:{}".format(*_server().listening_address))
