"""The Delta jars that Spark needs on its class path, fetched once."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pyspark

from common.errors import UserError

CACHE = Path(__file__).parents[2] / ".cache" / "ivy"
# Spark ships the rest of what Delta depends on.
NEEDED = ("io.delta_", "io.unitycatalog_")


def delta_jars() -> list[Path]:
    """The jars of the locked delta-spark, fetched through Spark's own resolver when they are missing.

    Raises UserError when they cannot be fetched.
    """
    marker = CACHE / f"delta-{version('delta-spark')}"
    if not marker.exists():
        _fetch()
        marker.touch()
    return sorted(jar for jar in (CACHE / "jars").iterdir() if jar.name.startswith(NEEDED))


def _fetch() -> None:
    spark = ".".join(version("pyspark").split(".")[:2])
    package = f"io.delta:delta-spark_{spark}_2.13:{version('delta-spark')}"
    home = Path(pyspark.__path__[0])
    CACHE.mkdir(parents=True, exist_ok=True)
    empty = CACHE / "nothing.py"
    empty.write_text("")
    print(f"fetching the jars of {package} (once)", file=sys.stderr)
    command = [str(home / "bin" / "spark-submit"), "--packages", package, "--conf", f"spark.jars.ivy={CACHE}"]
    environment = os.environ | {"SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}
    done = subprocess.run(
        [*command, str(empty)], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        reason = [
            line for line in done.stderr.splitlines() if "unresolved" in line.lower() or "FAILED" in line
        ]
        raise UserError(
            f"the jars of {package} could not be fetched from Maven Central: "
            f"{'; '.join(reason[:3]) or done.stderr[-500:]}. Check the network, remove {CACHE} and run again"
        )
