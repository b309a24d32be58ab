"""The real provider on the real stacks; skipped, with the reason, where the provider cannot be had."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient

from common.errors import UserError
from common.home import Home
from infra.deploy import adopt, operate
from infra.deploy.terraform import Terraform
from infra.review.summary import Summary, summarize
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.settings import Environment, LocalState
from infra.stack.synthesis import load_stack, synthesize
from local.workspace.http.serving import serving
from tests.infra.small_checkout import write_small_checkout

pytestmark = pytest.mark.terraform


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
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DATABRICKS_")}
    with serving(Home(home)) as served:
        yield {**clean, **served.variables()}


@pytest.fixture(scope="module")
def workspaces(provider: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, str]]]:
    """Two local workspaces."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(workspace(tmp_path_factory.mktemp(f"home{number}"))) for number in range(2)
        ]


@pytest.mark.parametrize("name", BUILDERS)
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
    write_small_checkout(tmp_path)
    return tmp_path


def client_of(credentials: dict[str, str]) -> WorkspaceClient:
    return WorkspaceClient(host=credentials["DATABRICKS_HOST"], token=credentials["DATABRICKS_TOKEN"])


def with_local_state(name: str) -> Environment:
    return replace(find_environment(name), state=LocalState(".deploy"))


def add_principals(environment: Environment, credentials: dict[str, str]) -> None:
    """What the stack looks up is there, so that only a guard can refuse the workspace."""
    principals = client_of(credentials).service_principals
    there = {found.display_name for found in principals.list()}
    for name in {environment.run_as, environment.deployer} - {None, *there}:
        principals.create(display_name=name)


def refused_by_the_provider(capfd: pytest.CaptureFixture[str]) -> bool:
    return "workspace_id mismatch" in " ".join(capfd.readouterr().err.split())


def planned(
    checkout: Path, credentials: dict[str, str], name: str = "local", *, destroy: bool = False
) -> tuple[Terraform, Summary]:
    terraform = Terraform(synthesize(with_local_state(name), checkout / "cdktf.out", checkout), credentials)
    terraform.init()
    terraform.plan(destroy=destroy)
    return terraform, summarize(json.loads(terraform.plan_json()), checkout)


def test_deploy_change_adopt_and_destroy(checkout: Path, workspaces: list[dict[str, str]]) -> None:
    own = workspaces[0]
    terraform, summary = planned(checkout, own)
    assert summary.dangers == () and set(summary.counts) == {"create"}
    terraform.apply()
    assert planned(checkout, own)[1].headline == "no changes"

    (checkout / "pipelines/medallion/a.py").write_text("# edited\n")
    _, edited = planned(checkout, own)
    assert edited.headline == "1 to change" and "pipelines/medallion/a.py: md5 " in edited.lines[0]

    (checkout / ".deploy/lakehouse-local.tfstate").unlink()
    imports = terraform.folder / adopt.ADOPTION_FILE
    imports.write_text(
        json.dumps({"import": adopt.import_blocks(load_stack(terraform.folder), client_of(own))})
    )
    terraform, adopted = planned(checkout, own)
    assert adopted.counts.keys() == {"change"}
    terraform.apply()
    imports.unlink()
    assert planned(checkout, own)[1].headline == "no changes"

    terraform, _ = planned(checkout, own, destroy=True)
    terraform.apply()
    assert terraform.state()["resources"] == []


def test_prod_plans_on_an_empty_account(checkout: Path, workspaces: list[dict[str, str]]) -> None:
    own = workspaces[0]
    add_principals(find_environment("prod"), own)
    _, summary = planned(checkout, own, "prod")
    assert set(summary.counts) == {"create"}
    assert not any("pii_column" in line for line in summary.lines)
    assert summary.dangers == ()


@pytest.mark.parametrize("name", BUILDERS)
def test_the_provider_refuses_another_workspace_than_the_configured_one(
    name: str, checkout: Path, workspaces: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    environment = replace(with_local_state(name), workspace_id="1")
    add_principals(environment, workspaces[0])
    terraform = Terraform(synthesize(environment, checkout / "cdktf.out", checkout), workspaces[0])
    terraform.init()
    with pytest.raises(UserError, match="terraform plan failed"):
        terraform.plan()
    assert refused_by_the_provider(capfd)


@pytest.mark.parametrize("name", BUILDERS)
def test_a_plan_and_a_state_go_to_their_own_workspace_only(
    name: str,
    checkout: Path,
    workspaces: list[dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    output = checkout / "cdktf.out"
    monkeypatch.setattr(operate, "synthesize", lambda found: synthesize(found, output, checkout))
    # As where the provider's hashes are committed; which provider is used here is up to this machine.
    monkeypatch.setattr(operate, "PROVIDER_LOCK", checkout)
    environment, other = with_local_state(name), workspaces[1]

    def lead_to(credentials: dict[str, str]) -> None:
        add_principals(environment, credentials)
        for key in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
            monkeypatch.setenv(key, credentials[key])

    with workspace(checkout / "home") as own:
        lead_to(own)
        terraform, _ = operate.plan(environment)
        lead_to(other)
        with pytest.raises(UserError, match=r"\(its plan\).*nothing was planned or applied"):
            operate.apply(environment)
        lead_to(own)
        operate.apply(environment)
        lead_to(other)
        with pytest.raises(UserError, match=r"\(its state\).*nothing was planned or applied"):
            operate.apply(environment)
        with pytest.raises(UserError, match="terraform plan failed"):
            Terraform(terraform.folder, other).plan()
    assert refused_by_the_provider(capfd)
