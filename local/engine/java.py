"""The Java that Spark runs on."""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from pyspark import SparkConf
from pyspark.errors import PySparkException
from pyspark.java_gateway import launch_gateway

from common.errors import UserError

OLDEST_JAVA = 17
# Spark asks for a module that Java warns of at each start; no option keeps it from that.
EXPECTED = b"WARNING: Using incubator modules"
STANDARD_ERROR = 2


def check_java() -> str:
    """What `java -version` says. Raises UserError when there is no Java, or one older than Spark 4 takes."""
    if not shutil.which("java"):
        raise UserError(
            f"Java {OLDEST_JAVA} or later is missing: install a JDK, such as openjdk-17-jre-headless"
        )
    text = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', text)
    if found and int(found[1]) < OLDEST_JAVA:
        raise UserError(f"Java {found[1]} is too old: install Java {OLDEST_JAVA} or later")
    return text


def start_java(conf: SparkConf) -> Any:
    """A Java for Spark. What it writes to standard error stands on this process's, but what each start writes.

    Raises UserError when it ends at once, as it does with settings that it does not take.
    """
    reading, writing = os.pipe()
    passing_on = Thread(target=_pass_on, args=(reading,), daemon=True)
    passing_on.start()
    try:
        with os.fdopen(writing, "wb") as stderr:
            return launch_gateway(conf, {"stderr": stderr})
    except PySparkException:
        passing_on.join()
        raise UserError("Java ended before Spark had started; what it says of that stands above") from None


def is_running(pid: int) -> bool:
    """Whether a process of this number runs; one that has ended and that nobody has asked about does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        # Linux says more: the state stands behind the name, which is in parentheses.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def _pass_on(reading: int) -> None:
    """Writes each line that comes through the pipe to standard error, until nobody can write to it any more."""
    with os.fdopen(reading, "rb") as lines:
        for line in lines:
            if not line.startswith(EXPECTED):
                # Read on when nobody listens: Java would wait at a full pipe.
                with suppress(OSError):
                    os.write(STANDARD_ERROR, line)
