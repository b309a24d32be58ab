"""The Java that Apache Spark runs on."""

import re
import shutil
import subprocess

from common.errors import UserError

OLDEST_JAVA = 17


def check_java() -> None:
    """Raises UserError when there is no Java, or one older than Spark 4 takes."""
    advice = f"install a JDK of version {OLDEST_JAVA} or later, such as openjdk-{OLDEST_JAVA}-jre-headless"
    if not shutil.which("java"):
        raise UserError(f"Apache Spark needs Java, which is missing: {advice}")
    answer = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', answer)
    if not found:
        # macOS has a stand-in for Java that says where to get one.
        raise UserError(f"Apache Spark needs Java, and `java -version` says {answer.strip()!r}: {advice}")
    if int(found[1]) < OLDEST_JAVA:
        raise UserError(f"Apache Spark needs Java {OLDEST_JAVA}, and `java` is Java {found[1]}: {advice}")
