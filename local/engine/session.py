"""One Spark Connect server in this process, on loopback, with Delta."""

import atexit
import os
import secrets
import sys
import warnings
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakSet

from pyspark.sql import SparkSession

from local.engine.class_sharing import archive_of, keep_classes, options_of
from local.engine.jars import delta_jars
from local.engine.java import check_java, start_java

TOKEN_VARIABLE = "SPARK_CONNECT_AUTHENTICATE_TOKEN"  # noqa: S105 - the variable's name
CONNECT_VARIABLE = "SPARK_CONNECT_MODE_ENABLED"
CHECKPOINTING = "org.apache.spark.sql.execution.streaming.checkpointing"
# Between two steps of a graph Spark sleeps for 1000 times this many milliseconds. In its 64 bits that is 16; the
# smallest that it would take otherwise is 1, a second a step, since 0 keeps a processor busy.
POLLING = str(2 * pow(125, -1, 2**61))
REPOSITORY = Path(__file__).parents[2]
MEMORY_VARIABLE = "LAKEHOUSE_MEMORY"
JAVA_OPTIONS = (
    # Half of an update's processor time went into C2, which pays off only in what runs for minutes.
    "-XX:TieredStopAtLevel=1",
    # With C1 alone Java sets 48 MB aside, which a few updates fill: from there on it would interpret.
    "-XX:ReservedCodeCacheSize=240m",
    "-XX:+UseSerialGC",
    # Hadoop starts chmod for each file that it writes, and this way to start it is the quickest.
    "-Djdk.lang.Process.launchMechanism=VFORK",
    # Spark's own log would bury what the user is told; what matters reaches them as an error of the update.
    f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}",
)


@dataclass
class Engine:
    """A running Spark Connect server on loopback; it serves the tables of one warehouse at a time.

    The first process that `has_updated` tables leaves in `archive` the classes that an update takes (class_sharing).
    """

    context: Any
    port: int
    warehouse: Path
    archive: Path
    has_updated: bool = False
    _sessions: WeakSet[SparkSession] = field(default_factory=WeakSet)

    def session(self) -> SparkSession:
        """A new session: what one update sets, the next does not see."""
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession as ConnectSession

        _close_left()
        # gRPC takes a token without TLS on this name only.
        session: Any = ConnectSession.builder.remote(f"sc://localhost:{self.port}").create()
        # On loopback nothing but the server's end breaks a call; the client would try again for ten minutes.
        session.client.set_retry_policies([DefaultPolicy(max_retries=2)])
        # So there is nothing to take up again, and no call for it beside each call.
        session.client.disable_reattachable_execute()
        self._sessions.add(session)
        return session

    @property
    def pid(self) -> int:
        """The number of Spark's own process."""
        return self.context._gateway.proc.pid

    @property
    def is_gone(self) -> bool:
        """Whether Spark's own process has ended."""
        return self.context._gateway.proc.poll() is not None

    def stop(self) -> None:
        """Ends the sessions, then Spark; a session that Python finds at its own end would wait for ever."""
        if self.is_gone:
            return
        _close_left()
        for session in list(self._sessions):
            session.stop()
        if self.has_updated and not self.archive.exists():
            keep_classes(self.context._gateway, self.archive)
        self.context.stop()

    def serve(self, warehouse: Path) -> None:
        """Turns to the tables of another warehouse; those of the one before stay as they are on the disk."""
        if warehouse != self.warehouse:
            self.forget()
            self.warehouse = warehouse

    def tables(self) -> set[str]:
        """The tables that Spark's catalog knows, `schema.table`."""
        memory = self._memory()
        return {
            f"{s}.{table}" for s in _items(memory.listDatabases()) for table in _items(memory.listTables(s))
        }

    def forget(self, kept: Collection[str] | None = None) -> None:
        """Forgets all schemas and tables or, given which are `kept` (`schema.table`), the other tables.

        No file is touched, so readers see the tables all along.
        """
        # To drop a schema or a table would delete its files, so the catalog's own memory is emptied instead.
        if kept is None:
            for schema in set(_items(self._memory().listDatabases())) - {"default"}:
                _private(self._memory(), "catalog").remove(schema)
        else:
            for schema, table in _in_parts(self.tables() - set(kept)):
                self._tables_of(schema).remove(table)

    @contextmanager
    def without(self, tables: Collection[str]) -> Iterator[None]:
        """In this context Spark finds none of these tables (`schema.table`)."""
        parts = _in_parts(self.tables() & set(tables))
        entries = [(schema, table, self._tables_of(schema).remove(table).get()) for schema, table in parts]
        try:
            yield
        finally:
            for schema, table, entry in entries:
                self._tables_of(schema).put(table, entry)

    def _memory(self) -> Any:
        sessions = self.context._jvm.org.apache.spark.sql.classic.SparkSession
        return sessions.builder().getOrCreate().sharedState().externalCatalog().unwrapped()

    def _tables_of(self, schema: str) -> Any:
        return _private(_private(self._memory(), "catalog").apply(schema), "tables")


def _in_parts(names: Iterable[str]) -> list[list[str]]:
    return [name.split(".") for name in sorted(names)]


def _private(holder: Any, name: str) -> Any:
    found = holder.getClass().getDeclaredField(name)
    found.setAccessible(True)
    return found.get(holder)


def _items(sequence: Any) -> list[str]:
    return [sequence.apply(number) for number in range(sequence.size())]


_engines: list[Engine] = []
# The clients of sessions that nobody holds any more.
_left: deque[Any] = deque()


def _leave(session: Any) -> None:
    """What Python does with a session that nobody holds, in place of closing it.

    It may do so on any thread: also on a new one of gRPC, for which another waits that has the lock to close.
    """
    _left.append(session.client)


def _close_left() -> None:
    with suppress(IndexError):
        while True:
            _left.popleft().close()


def start_engine(warehouse: Path) -> Engine:
    """This process's engine, with its tables below `warehouse`; started (5 seconds) when there is none yet.

    A process has one: Spark allows one context a process. Raises UserError without Java 17 or the Delta jars.
    """
    if not _engines:
        _engines.append(_start(warehouse))
    _engines[0].serve(warehouse)
    return _engines[0]


def _start(warehouse: Path) -> Engine:
    java = check_java()
    jars = delta_jars()
    archive = archive_of(java, jars)
    # Set by an engine of the process that started this one, it would forbid a context here.
    os.environ.pop(CONNECT_VARIABLE, None)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ[TOKEN_VARIABLE] = secrets.token_hex(16)
    # Python workers import the readers of local/ wherever the command was started.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(REPOSITORY)]))
    # pyspark warns of this machine's interface names and of pandas; neither is used.
    warnings.filterwarnings("ignore", module="pyspark")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    context, port = _start_server(_settings(jars, warehouse, options_of(archive)))
    # From here on pyspark.sql.functions speaks Spark Connect.
    os.environ[CONNECT_VARIABLE] = "1"
    from pyspark.sql.connect import session as connect

    sessions: Any = connect.SparkSession
    sessions.__del__ = _leave
    engine = Engine(context, port, warehouse, archive)
    atexit.register(engine.stop)
    return engine


def _start_server(settings: dict[str, str]) -> tuple[Any, int]:
    from pyspark import SparkConf, SparkContext

    conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
    context: Any = SparkContext(conf=conf, gateway=start_java(conf))
    context.setLogLevel("OFF")
    files = context._jvm.org.apache.hadoop.fs.FileSystem.getLocal(context._jsc.hadoopConfiguration())
    # Parquet and Delta have checksums of their own; a second file beside each is two more to write.
    files.setWriteChecksum(False)
    service = getattr(context._jvm, "org.apache.spark.sql.connect.service.SparkConnectService$")
    return context, int(service.__getattr__("MODULE$").localPort())


def _settings(jars: list[Path], warehouse: Path, options: list[str]) -> dict[str, str]:
    loopback = "127.0.0.1"
    return {
        "spark.master": f"local[{os.cpu_count() or 2}]",
        "spark.app.name": "lakehouse",
        "spark.driver.memory": os.environ.get(MEMORY_VARIABLE, "3g"),
        # SDP loads classes by the application's loader, which spark.jars does not reach.
        "spark.driver.extraClassPath": os.pathsep.join(map(str, jars)),
        "spark.driver.extraJavaOptions": " ".join([*JAVA_OPTIONS, *options]),
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.authenticate.token": os.environ[TOKEN_VARIABLE],
        "spark.connect.grpc.binding.address": loopback,
        "spark.connect.grpc.binding.port": "0",
        "spark.driver.host": loopback,
        "spark.driver.bindAddress": loopback,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # A class loader of its own a session would compile each query of each session anew.
        "spark.sql.artifact.isolation.enabled": "false",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.sources.default": "delta",
        "spark.sql.warehouse.dir": str(warehouse),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        # One file log of few versions: fifty tasks to read it cost seconds a table.
        "spark.databricks.delta.snapshotPartitions": "1",
        # The list of files that Delta keeps beside each commit is read by nothing but its own check, which reads the
        # whole log after each commit wherever the machine's time is not UTC. To begin the list takes a job a table.
        "spark.databricks.delta.allFilesInCrc.enabled": "false",
        # One process at a time writes to a home. The stores for many rename by FileContext, which starts readlink
        # three times a file: a hundred processes for an update of two tables.
        "spark.delta.logStore.file.impl": "io.delta.storage.LocalLogStore",
        "spark.sql.streaming.checkpointFileManagerClass": f"{CHECKPOINTING}.FileSystemBasedCheckpointFileManager",
        # A checkpoint of a log costs seconds on one machine, a hundred small files to read do not.
        "spark.databricks.delta.properties.defaults.checkpointInterval": "100",
        # A pipeline has more stages than the hundred whose compiled code Spark keeps, and runs each again.
        "spark.sql.codegen.cache.maxEntries": "10000",
        # What skips files by the values in them: of no use to tables of few files, and code for each to write.
        "spark.databricks.delta.properties.defaults.dataSkippingNumIndexedCols": "0",
        # Delta's rows are wider than the 100 fields up to which Spark writes one piece of code for a stage. Code for
        # each projection of each task instead took a third of an update's processor time.
        "spark.sql.codegen.maxFields": "1000",
        "spark.sql.pipelines.execution.streamstate.pollingInterval": POLLING,
        "spark.databricks.delta.properties.defaults.enableInCommitTimestamps": "false",
        # A retry meets the same rows and the same code.
        "spark.sql.pipelines.maxFlowRetryAttempts": "0",
        "spark.sql.connect.serverStacktrace.enabled": "false",
        "spark.sql.pyspark.jvmStacktrace.enabled": "false",
    }
