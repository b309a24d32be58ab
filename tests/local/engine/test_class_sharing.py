"""An engine keeps its classes for the next one, and takes none that are not its own."""

import subprocess
import sys
from pathlib import Path

from local.engine.class_sharing import KEEPING, archive_of, options_of

# Two engines, one after the other; the first updates nothing but says that it did.
STARTS = """
import sys
from pathlib import Path
from local.engine import class_sharing
class_sharing.FOLDER = Path(sys.argv[1])
from local.engine.session import start_engine
engine = start_engine(Path(sys.argv[1]) / "warehouse")
engine.has_updated = True
print(engine.session().range(3).count())
shared = engine.context._jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments()
print([each for each in shared if "SharedArchiveFile" in each])
"""


def start(folder: Path, repository: Path, stderr: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", STARTS, str(folder)],
        cwd=repository, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, stderr)
    return done.stdout.splitlines()


def test_the_second_engine_uses_what_the_first_left(tmp_path: Path, repository: Path) -> None:
    assert start(tmp_path, repository, f"{KEEPING}\n") == ["3", "[]"]
    (archive,) = tmp_path.glob("*.jsa")
    assert start(tmp_path, repository, "") == ["3", f"['-XX:SharedArchiveFile={archive}']"]
    assert list(tmp_path.glob("*.jsa")) == [archive]


def test_another_java_or_another_jar_has_an_archive_of_its_own(tmp_path: Path) -> None:
    jar = tmp_path / "a.jar"
    jar.write_bytes(b"one")
    first = archive_of("openjdk 17", [jar])
    assert archive_of("openjdk 17", [jar]) == first
    assert archive_of("openjdk 21", [jar]) != first
    jar.write_bytes(b"another")
    assert archive_of("openjdk 17", [jar]) != first


def test_an_archive_that_fits_nothing_is_passed_over(tmp_path: Path) -> None:
    archive = tmp_path / "broken.jsa"
    archive.write_bytes(b"no archive at all")
    done = subprocess.run(
        ["java", *options_of(archive), "-version"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "error" not in done.stderr.lower()
