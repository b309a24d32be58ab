"""Sail, a Spark Connect server in this process."""

import os
from functools import cache
from typing import Any

from pyspark.sql import SparkSession


@cache
def address() -> str:
    """The address of this process's one Sail server, on loopback; started at the first call."""
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    listening: Any = server.listening_address
    return "sc://{}:{}".format(*listening)


def new_session() -> SparkSession:
    """A session of its own: what one sets, another does not see."""
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    session: Any = ConnectSession.builder.remote(address()).create()
    return session
