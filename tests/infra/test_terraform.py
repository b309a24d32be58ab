"""The real provider on the real stacks; skipped, with the reason, where the provider cannot be had."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient

from infra import adopt
from infra.environments import find_environment
from infra.guard import check_workspace, connect, current_workspace
from infra.review.summary import Summary, summarize
from infra.settings import LocalState
from infra.sources import REPOSITORY
from infra.synthesis import load, synthesize
from infra.terraform import Terraform
from local.errors import UserError

pytestmark = pytest.mark.terraform
SERVE = """
import sys
from pathlib import Path
from local.home import Home
from local.workspace.server import serve
serve(Home.find(Path(sys.argv[1])), 0, reset=False, ready=lambda host, token: print(host, token, flush=True))
"""


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory, stack_folders: dict[str, Path]) -> None:
    """Skips unless `terraform init` finds the Databricks provider, from a mirror or the registry."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    scratch = tmp_path_factory.mktemp("init")
    required = json.loads((stack_folders["dev"] / "cdk.tf.json").read_text())["terraform"][
        "required_providers"
    ]
    (scratch / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": required}}))
    if subprocess.run(
        ["terraform", f"-chdir={scratch}", "init"], capture_output=True, check=False
    ).returncode:
        pytest.skip("the Databricks Terraform provider is on no registry or mirror that this machine reaches")


@contextmanager
def workspace(home: Path) -> Iterator[dict[str, str]]:
    """A local workspace of its own, with its own id; yields the process environment that leads to it."""
    command = [sys.executable, "-c", SERVE, str(home)]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DATABRICKS_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=clean) as server:
        assert server.stdout is not None
        host, token = server.stdout.readline().split()
        try:
            yield {**clean, "DATABRICKS_HOST": host, "DATABRICKS_TOKEN": token}
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def workspaces(provider: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, str]]]:
    """Two local workspaces."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(workspace(tmp_path_factory.mktemp(f"home{number}"))) for number in range(2)
        ]


@pytest.mark.parametrize("name", ["dev", "staging", "prod", "local"])
def test_the_provider_accepts_every_stack(
    name: str, provider: None, stack_folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "stack"
    shutil.copytree(stack_folders[name], folder)
    for command in (["init", "-backend=false"], ["validate"]):
        done = subprocess.run(
            ["terraform", f"-chdir={folder}", *command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout in a repository of its own, so that an apply takes seconds."""
    for file in ("medallion/a.py", "cdc/b.py", "quality/c.py", "__init__.py"):
        path = tmp_path / "pipelines" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "generator").mkdir()
    (tmp_path / "generator" / "job.py").write_text("print('generated')\n")
    return tmp_path


def client_of(credentials: dict[str, str]) -> WorkspaceClient:
    return WorkspaceClient(host=credentials["DATABRICKS_HOST"], token=credentials["DATABRICKS_TOKEN"])


def planned(
    checkout: Path, credentials: dict[str, str], name: str = "local", *, destroy: bool = False
) -> tuple[Terraform, Summary]:
    environment = replace(find_environment(name), state=LocalState(".deploy"))
    terraform = Terraform(synthesize(environment, checkout / "cdktf.out", checkout), credentials)
    terraform.init()
    terraform.plan(destroy=destroy)
    return terraform, summarize(json.loads(terraform.plan_json()), checkout)


def test_deploy_change_adopt_guard_and_destroy(
    checkout: Path,
    workspaces: list[dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    own, other = workspaces
    terraform, summary = planned(checkout, own)
    assert summary.dangers == () and set(summary.counts) == {"create"}
    terraform.apply()
    assert planned(checkout, own)[1].headline == "no changes"

    (checkout / "pipelines/medallion/a.py").write_text("# edited\n")
    _, edited = planned(checkout, own)
    assert edited.headline == "1 to change" and "pipelines/medallion/a.py: md5 d41d8cd9 → " in edited.lines[0]

    (checkout / ".deploy/lakehouse-local.tfstate").unlink()
    imports = terraform.folder / adopt.FILE
    imports.write_text(json.dumps({"import": adopt.import_blocks(load(terraform.folder), client_of(own))}))
    terraform, adopted = planned(checkout, own)
    assert adopted.counts.keys() == {"change"}
    terraform.apply()
    imports.unlink()
    assert planned(checkout, own)[1].headline == "no changes"

    capfd.readouterr()
    with pytest.raises(UserError, match="terraform plan failed"):
        planned(checkout, other)
    assert "workspace_id mismatch" in " ".join(capfd.readouterr().err.split())
    for key in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
        monkeypatch.setenv(key, other[key])
    with pytest.raises(UserError, match="belongs to workspace"):
        check_workspace(find_environment("local"), terraform.state(), current_workspace(connect(other)))

    terraform, _ = planned(checkout, own, destroy=True)
    terraform.apply()
    assert terraform.state()["resources"] == []


def test_prod_plans_on_an_empty_account_and_only_on_its_own_workspace(
    checkout: Path, workspaces: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    own = workspaces[0]
    client_of(own).service_principals.create(display_name="olist-prod-runner")
    _, summary = planned(checkout, own, "prod")
    assert set(summary.counts) == {"create"}
    assert not any("pii_column" in line for line in summary.lines)
    assert [danger.reason for danger in summary.dangers] == ["schedule is active from this apply on"]

    foreign = replace(find_environment("prod"), state=LocalState(".deploy"), workspace_id="1")
    terraform = Terraform(synthesize(foreign, checkout / "cdktf.out", checkout), own)
    terraform.init()
    with pytest.raises(UserError, match="terraform plan failed"):
        terraform.plan()
    assert "workspace_id mismatch" in " ".join(capfd.readouterr().err.split())
