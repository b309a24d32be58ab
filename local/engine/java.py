"""The Java that Spark runs on."""

import re
import shutil
import subprocess

from local.errors import UserError

OLDEST_JAVA = 17


def check_java() -> None:
    """Raises UserError when there is no Java, or one older than Spark 4 takes."""
    if not shutil.which("java"):
        raise UserError(
            f"Java {OLDEST_JAVA} or later is missing: install a JDK, such as openjdk-17-jre-headless"
        )
    text = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', text)
    if found and int(found[1]) < OLDEST_JAVA:
        raise UserError(f"Java {found[1]} is too old: install Java {OLDEST_JAVA} or later")
