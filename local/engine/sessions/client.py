"""A session of the unchanged pyspark client on either engine."""

import os
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Functions of pyspark make columns of Spark Connect from here on.
os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
# Where each column was made: 0.4 ms a column, for messages that name the line of the query anyway. Spark is started
# with it.
DEBUGGING = "spark.python.sql.dataFrameDebugging.enabled"
# Who ends a run by Ctrl-C ends Sail, too.
warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]", UserWarning)
# That all rows of a window without a partition come to one machine is no news where there is one.
warnings.filterwarnings(
    "ignore", "WARN WindowExpression: No Partition Defined for Window operation", UserWarning
)


def ready(session: Any) -> Any:
    """The same session (pyspark.sql.connect.session.SparkSession or a subclass on an engine's channel), set up."""
    from pyspark.logger import PySparkLogger

    # What is wrong with a query is told by whoever called it, not by pyspark as lines of JSON on the terminal.
    for context in ("SQL", "DataFrame"):
        PySparkLogger.getLogger(f"{context}QueryContextLogger").disabled = True

    session.client.set_retry_policies([_retries()])
    # So there is nothing to take up again, and no call for it beside each call.
    session.client.disable_reattachable_execute()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    if session.conf.get(DEBUGGING, "true") == "true":
        session.conf.set(DEBUGGING, "false")
    return session


@contextmanager
def interruptible(session: Any) -> Iterator[None]:
    """In this context Ctrl-C ends a wait of the main thread for others that ask the engine; they give up, then.

    Sail, which ends at Ctrl-C, has a handler of the signal after which the system goes on with the wait.
    """
    signal.siginterrupt(signal.SIGINT, True)
    try:
        yield
    except KeyboardInterrupt:
        give_up(session)
        raise


def give_up(session: Any) -> None:
    """Has calls that fail not be tried again, those that are under way neither: the engine has ended."""
    for policy in session.client.get_retry_policies():
        policy.max_retries = 0


def _retries() -> Any:
    """On loopback little but the server's end breaks a call; the client would try again for ten minutes. Five times
    take three seconds: gRPC itself waits for one before it connects anew."""
    from pyspark.sql.connect.client.retries import DefaultPolicy

    return DefaultPolicy(max_retries=5, max_backoff=1000)
