"""A session of the unchanged pyspark client on either engine."""

import os
import warnings
from typing import Any

# Functions of pyspark make columns of Spark Connect from here on.
os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
# Where each column was made: 0.4 ms a column, for messages that name the line of the query anyway. Spark is started
# with it.
DEBUGGING = "spark.python.sql.dataFrameDebugging.enabled"
# That all rows of a window without a partition come to one machine is no news where there is one.
warnings.filterwarnings(
    "ignore", "WARN WindowExpression: No Partition Defined for Window operation", UserWarning
)


def ready(session: Any) -> Any:
    """The same session (pyspark.sql.connect.session.SparkSession or a subclass on an engine's channel), set up."""
    from pyspark.logger import PySparkLogger
    from pyspark.sql.connect.client.retries import DefaultPolicy

    # What is wrong with a query is told by whoever called it, not by pyspark as lines of JSON on the terminal.
    for context in ("SQL", "DataFrame"):
        PySparkLogger.getLogger(f"{context}QueryContextLogger").disabled = True

    # On loopback little but the server's end breaks a call; the client would try again for ten minutes. Four times take
    # four seconds: gRPC itself waits for one before it connects anew.
    session.client.set_retry_policies([DefaultPolicy(max_retries=4)])
    # So there is nothing to take up again, and no call for it beside each call.
    session.client.disable_reattachable_execute()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    if session.conf.get(DEBUGGING, "true") == "true":
        session.conf.set(DEBUGGING, "false")
    return session
