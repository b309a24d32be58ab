"""Sail, a Spark Connect server in this process."""

import os
from functools import cache
from typing import Any

from pyspark.sql import SparkSession


@cache
def _server() -> Any:
    os.environ.setdefault("RUST_LOG", "error")
    # Functions of pyspark make columns of Spark Connect from here on.
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    # It listens for as long as this object lives.
    return server


def address() -> str:
    """The address of this process's one Sail server, on loopback; started at the first call."""
    return "sc://{}:{}".format(*_server().listening_address)


def new_session() -> SparkSession:
    """A session of its own: what one sets, another does not see."""
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    session: Any = ConnectSession.builder.remote(address()).create()
    # On loopback nothing but the server's end breaks a call; the client would try again for ten minutes.
    session.client.set_retry_policies([DefaultPolicy(max_retries=2)])
    return session
