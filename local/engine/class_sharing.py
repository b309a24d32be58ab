"""The classes that Spark loads, kept as Java maps them into memory, so that the next engine is warm sooner.

Java calls it class data sharing. An archive fits one Java and one class path; Java passes over one that does not fit.
"""

import hashlib
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyspark
from py4j.protocol import Py4JError

FOLDER = Path(__file__).parents[2] / ".cache" / "classes"
KEEPING = "keeping Spark's classes for quicker starts (once)"
# Java logs on standard output what it does not take into an archive, thousands of lines.
QUIET = ("-Xlog:disable", "-Xlog:all=error:stderr")


def archive_of(java: str, jars: Iterable[Path]) -> Path:
    """Where the archive stands, or will, for what `java -version` says and the jars beside Spark's own."""
    seen = [java]
    for jar in [*sorted(Path(pyspark.__path__[0], "jars").glob("*.jar")), *jars]:
        facts = jar.stat()
        seen.append(f"{jar}\t{facts.st_size}\t{facts.st_mtime_ns}")
    return FOLDER / f"{hashlib.sha256(chr(10).join(seen).encode()).hexdigest()[:16]}.jsa"


def options_of(archive: Path) -> list[str]:
    """The options with which Java uses the archive or, when there is none yet, can write it."""
    if archive.exists():
        return [f"-XX:SharedArchiveFile={archive}", *QUIET]
    return ["-XX:+IgnoreUnrecognizedVMOptions", "-XX:+RecordDynamicDumpInfo", *QUIET]


def keep_classes(gateway: Any, archive: Path) -> None:
    """Writes the classes that the Java behind `gateway` has loaded; a Java that cannot goes without."""
    print(KEEPING, file=sys.stderr)
    scratch = archive.with_suffix(f".{os.getpid()}")
    with suppress(Py4JError, OSError, KeyboardInterrupt):
        FOLDER.mkdir(parents=True, exist_ok=True)
        _dump(gateway, scratch)
        scratch.rename(archive)
        for older in set(FOLDER.iterdir()) - {archive}:
            older.unlink()


def _dump(gateway: Any, file: Path) -> None:
    """What `jcmd VM.cds dynamic_dump` does, which a Java without development tools has no program for."""
    jvm = gateway.jvm
    # It says on standard output where it writes.
    jvm.java.lang.System.setOut(jvm.java.io.PrintStream(jvm.java.io.OutputStream.nullOutputStream()))
    name = jvm.javax.management.ObjectName("com.sun.management:type=DiagnosticCommand")
    words = _array(gateway, jvm.java.lang.String, ["dynamic_dump", str(file)])
    given = _array(gateway, jvm.java.lang.Object, [words])
    signature = _array(gateway, jvm.java.lang.String, ["[Ljava.lang.String;"])
    arguments = _array(gateway, jvm.java.lang.Object, [name, "vmCds", given, signature])
    text = jvm.java.lang.Class.forName("java.lang.String")
    kinds = _array(
        gateway, jvm.java.lang.Class, [name.getClass(), text, given.getClass(), signature.getClass()]
    )
    # The server's own class is not open to reflection; the interface's method is.
    invoke = jvm.java.lang.Class.forName("javax.management.MBeanServer").getMethod("invoke", kinds)
    invoke.invoke(jvm.java.lang.management.ManagementFactory.getPlatformMBeanServer(), arguments)


def _array(gateway: Any, kind: Any, items: list[Any]) -> Any:
    array = gateway.new_array(kind, len(items))
    for number, item in enumerate(items):
        array[number] = item
    return array
