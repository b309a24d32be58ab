"""Apache Spark, a Spark Connect server in a Java process that ends with this one."""

import atexit
import os
import re
import secrets
import subprocess
import sys
import time
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import IO, Any, NamedTuple

from pyspark.sql import SparkSession

from common.errors import UserError
from local.engine.sessions.client import DEBUGGING, ready
from local.engine.sessions.java import check_java

MEMORY_VARIABLE = "LAKEHOUSE_MEMORY"
TOKEN_VARIABLE = "SPARK_CONNECT_AUTHENTICATE_TOKEN"  # noqa: S105 - the variable's name
# What Spark would take from a client's environment, and what it cannot be started with.
_NOT_ITS_OWN = ("SPARK_REMOTE", "SPARK_CONNECT_MODE_ENABLED", "SPARK_LOCAL_REMOTE", "SPARK_HOME")
# Nothing is ever written to the shell's input, which comes to an end when this process does, however that ends.
_ENDING_WITH_US = """
exec 3<&0
"$@" </dev/null 3<&- & java=$!
{ cat <&3 >/dev/null; kill -9 $java; } & watch=$!
wait $java; kill $watch; rm -rf "$0"
"""
_STARTED = re.compile(r"started at: .*:(\d+)")
_JAVA_OPTIONS = (
    # What the second compiler costs pays off only in what runs for minutes.
    "-XX:TieredStopAtLevel=1",
    # With the first alone Java sets 48 MB aside for code, and would interpret what comes after.
    "-XX:ReservedCodeCacheSize=240m",
    "-XX:+UseSerialGC",
    f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}",
)


class Server(NamedTuple):
    """A running Spark: the shell that ends it when its input ends, its port, and the secret that it asks for."""

    shell: subprocess.Popen[bytes]
    port: int
    token: str


def new_session() -> SparkSession:
    """A session of its own on this process's one Spark, which the first call starts (5 seconds).

    Raises UserError without Java 17.
    """
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    return ready(ConnectSession.builder.channelBuilder(channel()).create())


def channel() -> Any:
    """The way to this process's one Spark, for a session of any class (see client.ready)."""
    from local.engine.sessions.channel import EngineChannel

    # A token goes without TLS to this name only.
    return EngineChannel(f"sc://localhost:{_server().port}/;token={_server().token}")


@cache
def _server() -> Server:
    check_java()
    folder = Path(mkdtemp(prefix="spark-"))
    token = secrets.token_hex(16)
    with TemporaryFile() as log:
        shell = subprocess.Popen(
            ["sh", "-c", _ENDING_WITH_US, str(folder), *_command(_settings(folder))],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=_environment(token),
            # Ctrl-C is for the command, which ends Spark when it has ended its queries.
            start_new_session=True,
        )
        atexit.register(_stop, shell)
        return Server(shell, _port(shell, log), token)


def _command(settings: dict[str, str]) -> list[str]:
    submit = str(files("pyspark") / "bin" / "spark-submit")
    given = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    return [
        submit,
        *given,
        "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer",
        "spark-internal",
    ]


def _environment(token: str) -> dict[str, str]:
    """Of the Java process: the token stands here because everyone may read a command line."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_ITS_OWN}
    # Python workers import what this process imports, wherever the command was started.
    path = os.pathsep.join(sys.path)
    return kept | {TOKEN_VARIABLE: token, "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": path}


def _port(shell: subprocess.Popen[bytes], log: IO[bytes]) -> int:
    """The port, as soon as Spark has said it."""
    while True:
        has_ended = shell.poll() is not None
        # Where this process would seek, Spark would write.
        said = os.pread(log.fileno(), 1_000_000, 0).decode(errors="replace")
        if found := _STARTED.search(said):
            return int(found[1])
        if has_ended:
            raise UserError(f"Apache Spark did not start: {said.strip()}")
        time.sleep(0.05)


def _stop(shell: subprocess.Popen[bytes]) -> None:
    assert shell.stdin
    shell.stdin.close()
    shell.wait()


def _settings(folder: Path) -> dict[str, str]:
    loopback = "127.0.0.1"
    return {
        "spark.master": f"local[{os.cpu_count() or 2}]",
        "spark.driver.memory": os.environ.get(MEMORY_VARIABLE, "3g"),
        "spark.driver.extraJavaOptions": " ".join([*_JAVA_OPTIONS, f"-Djava.io.tmpdir={folder}"]),
        "spark.connect.grpc.binding.address": loopback,
        "spark.connect.grpc.binding.port": "0",
        # A session lives as long as the command that opened it, however long that is idle.
        "spark.connect.session.manager.defaultSessionTimeout": "-1",
        "spark.driver.host": loopback,
        "spark.driver.bindAddress": loopback,
        # Of its two other ports; Spark makes a secret of its own for them.
        "spark.authenticate": "true",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        # A class loader of its own a session would compile each query of each session anew.
        "spark.sql.artifact.isolation.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        DEBUGGING: "false",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.shuffle.partitions": "2",
        # A pipeline has more stages than the hundred whose compiled code Spark keeps, and runs each again.
        "spark.sql.codegen.cache.maxEntries": "10000",
        # What a query names is looked for in its plan, which the client would compress when it is large.
        "spark.connect.session.planCompression.threshold": "-1",
        "spark.sql.connect.serverStacktrace.enabled": "false",
        "spark.sql.pyspark.jvmStacktrace.enabled": "false",
    }
