"""Ctrl-C and SIGTERM reach Terraform once, and what it had begun is written down before anything ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from common.checkout import REPOSITORY
from infra.deploy.interrupts import AGAIN, FIRST
from tests.infra.ci.workflow_shell import script
from tests.waiting import PATIENCE, until

# Stands in for a slow apply: it writes down each signal, and ends when the test lets it.
SLOW = f"""#!{sys.executable}
import os, signal, sys, time
from pathlib import Path
folder = Path(os.environ["FOLDER"])
def take(number, frame):
    with (folder / "signals").open("a") as file:
        file.write(signal.Signals(number).name + "\\n")
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, take)
(folder / "ready").touch()
while not (folder / "end").exists():
    time.sleep(0.01)
(folder / "state").write_text("whole")
sys.exit(1)
"""
DRIVER = """
import os, sys
from pathlib import Path
from infra.deploy import operate
from infra.deploy.terraform import Terraform
def apply(environment):
    Terraform(Path(os.environ["FOLDER"]) / "cdktf.out/stacks/lakehouse-dev", os.environ).apply()
operate.ACTIONS["apply"] = apply
sys.exit(operate.main(["apply", "dev"]))
"""


def wait_for(path: Path, text: str = "") -> None:
    until(lambda: path.exists() and text in path.read_text())


@contextmanager
def applying(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`operate apply` in a group of its own, as a terminal starts a command; what it says is in `said`."""
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "FOLDER": str(folder)}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER],
            cwd=REPOSITORY,
            env=environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            (folder / "end").touch()
            process.wait(PATIENCE)


def ctrl_c(process: subprocess.Popen[bytes]) -> None:
    """What a terminal does: the signal goes to all of the group in front."""
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_passed_on_once_and_its_end_is_waited_for(
    tmp_path: Path, number: signal.Signals
) -> None:
    script(tmp_path / "bin/terraform", SLOW)
    with applying(tmp_path) as process:
        wait_for(tmp_path / "ready")
        os.killpg(process.pid, number)
        wait_for(tmp_path / "signals", "SIGINT")
        ctrl_c(process)
        wait_for(tmp_path / "said", "still stopping")
        assert process.poll() is None
    assert process.returncode == 1
    assert (tmp_path / "signals").read_text() == "SIGINT\n"
    assert (tmp_path / "state").read_text() == "whole"
    said = (tmp_path / "said").read_text()
    assert said.startswith(FIRST) and AGAIN.split("{", maxsplit=1)[0] in said and "\nstopped\n" in said


def test_without_a_signal_a_failure_is_a_failure(tmp_path: Path) -> None:
    script(tmp_path / "bin/terraform", SLOW)
    with applying(tmp_path) as process:
        wait_for(tmp_path / "ready")
    assert process.returncode == 1 and not (tmp_path / "signals").exists()
    assert "terraform apply failed for lakehouse-dev" in (tmp_path / "said").read_text()


# A resource that Terraform knows without a provider, and one after it that takes until the test says so.
STACK = {
    "terraform": {"backend": {"local": {"path": "state.json"}}},
    "resource": {
        "terraform_data": {
            "made": {"input": "made"},
            "slow": {
                "input": "${terraform_data.made.output}",
                "provisioner": [
                    {
                        "local-exec": {
                            "command": 'touch "$FOLDER/ready"; while [ ! -e "$FOLDER/end" ]; do sleep 0.05; done'
                        }
                    }
                ],
            },
        }
    },
}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_real_terraform_writes_its_state_and_lets_the_lock_go(tmp_path: Path) -> None:
    folder = tmp_path / "cdktf.out/stacks/lakehouse-dev"
    (tmp_path / ".deploy").mkdir()
    folder.mkdir(parents=True)
    (folder / "cdk.tf.json").write_text(json.dumps(STACK))
    plan = f"-out={tmp_path / '.deploy/lakehouse-dev.tfplan'}"
    for command in (["init", "-input=false"], ["plan", "-input=false", plan]):
        subprocess.run(["terraform", f"-chdir={folder}", *command], check=True, capture_output=True)
    with applying(tmp_path) as process:
        wait_for(tmp_path / "ready")
        assert (folder / ".state.json.lock.info").exists()
        # Once: Terraform kills what it runs and ends, so a second might come when nobody waits any more.
        ctrl_c(process)
        wait_for(tmp_path / "said", "Interrupt received")
    assert process.returncode == 1
    said = (tmp_path / "said").read_text()
    assert "Two interrupts" not in said and "\nstopped\n" in said
    assert not (folder / ".state.json.lock.info").exists()
    state = json.loads((folder / "state.json").read_text())
    assert "made" in {resource["name"] for resource in state["resources"]}
