"""The synthesized stack through the SDK, and through Terraform where the provider can be had."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient

from common.checkout import REPOSITORY
from common.errors import UserError
from common.home import HOME_VARIABLE, Home
from infra.deploy.adopt import import_blocks
from infra.stack.constructs.dashboards import DASHBOARD_FILE
from infra.stack.environments import local
from infra.stack.sources import uploaded_files
from infra.stack.synthesis import load_stack, synthesize
from lakehouse.deployment.deployers import environment_of, why_no_terraform
from lakehouse.deployment.sdk_deployment import deploy_by_sdk, destroy_by_sdk
from local.workspace.http.serving import Served, serving
from pipelines.catalog import BEFORE_ERASURE, PIPELINES


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path, Path]]:
    """An empty workspace, a copy of the code that is uploaded, and where stacks are synthesized."""
    top = tmp_path_factory.mktemp("deploy")
    for file in (*uploaded_files(), DASHBOARD_FILE):
        (top / "code" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / file, top / "code" / file)
    home = Home(top / "home")
    with pytest.MonkeyPatch.context() as patch, serving(home) as served:
        patch.setenv(HOME_VARIABLE, str(home.path))
        yield served, top / "code", top / "cdktf.out"


def everything(client: WorkspaceClient) -> dict[str, Any]:
    """What a deployment leaves, without the ids and times that differ from one to the next."""
    catalog = local().catalog
    root = local().workspace_root
    pipelines = [client.pipelines.get(p.pipeline_id or "") for p in client.pipelines.list_pipelines()]
    jobs = [client.jobs.get(job.job_id or 0) for job in client.jobs.list()]
    return {
        "schemas": {s.name: (s.comment, s.properties) for s in client.schemas.list(catalog)},
        "volumes": {v.full_name: v.comment for s in ("raw", "cdc") for v in client.volumes.list(catalog, s)},
        "grants": client.grants.get("schema", f"{catalog}.gold").as_dict(),
        "files": {
            entry.path: client.workspace.download(entry.path or "").read()
            for entry in client.workspace.list(root, recursive=True)
        },
        "pipelines": {p.name: p.spec.configuration if p.spec else None for p in pipelines},
        "tasks": [t.task_key for job in jobs if job.settings for t in job.settings.tasks or []],
        "permissions": [
            len(client.permissions.get("jobs", str(j.job_id)).access_control_list or []) for j in jobs
        ],
        "alerts": {a.display_name: (a.query_text, a.evaluation) for a in client.alerts_v2.list_alerts()},
        "tags": [tag.tag_value for tag in client.entity_tag_assignments.list("schemas", f"{catalog}.silver")],
    }


def is_empty(client: WorkspaceClient) -> bool:
    """Nothing but folders above the stack's own root, which nobody declared."""
    files = client.workspace.list("/", recursive=True)
    kinds = (
        client.catalogs.list(),
        client.jobs.list(),
        client.pipelines.list_pipelines(),
        client.alerts_v2.list_alerts(),
        files,
    )
    return not any(list(kind) for kind in kinds)


def test_the_sdk_deploys_the_whole_stack_and_destroys_it(place: tuple[Served, Path, Path]) -> None:
    served, code, output = place
    client = served.client()
    folder = synthesize(local(), output, code)
    deploy_by_sdk(load_stack(folder), client, folder)
    first = everything(client)
    uploaded = {f"{local().workspace_root}/{p.relative_to(code)}": p.read_bytes() for p in code.rglob("*.py")}
    assert first["files"] == uploaded
    # The main job's, those of the rebuild, which generates nothing, and those of an erasure.
    tasks = [pipeline.task for pipeline in PIPELINES]
    assert sorted(first["tasks"]) == sorted(
        [*tasks, *tasks, "generate", *(pipeline.task for pipeline in BEFORE_ERASURE), "erase"]
    )
    deploy_by_sdk(load_stack(folder), client, folder)
    assert everything(client) == first
    adopted = import_blocks(load_stack(folder), client)
    declared = load_stack(folder)["resource"]
    assert len({block["to"] for block in adopted}) == len(adopted)
    assert {block["to"].split(".")[0] for block in adopted} == declared.keys()
    dashboard = next(iter(client.lakeview.list())).dashboard_id
    assert {"to": "databricks_dashboard.dashboard", "id": dashboard} in adopted
    destroy_by_sdk(load_stack(folder), client, folder)
    assert is_empty(client)
    destroy_by_sdk(load_stack(folder), client, folder)


def test_a_resource_that_the_sdk_way_does_not_know_is_named(
    place: tuple[Served, Path, Path], tmp_path: Path
) -> None:
    stack = {"resource": {"databricks_cluster": {"big": {"name": "x"}}}}
    with pytest.raises(UserError, match=r"databricks_cluster\.big cannot be deployed without Terraform"):
        deploy_by_sdk(stack, place[0].client(), tmp_path)


@pytest.mark.terraform
def test_terraform_applies_plans_nothing_more_and_destroys(place: tuple[Served, Path, Path]) -> None:
    served, code, output = place
    folder = synthesize(local(), output, code)
    if reason := why_no_terraform(folder):
        pytest.skip(reason)

    def terraform(*arguments: str, expect: int = 0) -> str:
        command = ["terraform", f"-chdir={folder}", *arguments, "-no-color"]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment_of(served)
        )
        assert done.returncode == expect, done.stdout[-3000:] + done.stderr
        return done.stdout

    terraform("apply", "-auto-approve", "-input=false")
    terraform("plan", "-detailed-exitcode", "-input=false")
    edited = code / "pipelines" / "rules.py"
    edited.write_text(edited.read_text() + "\n# edited\n")
    assert synthesize(local(), output, code) == folder
    terraform("plan", "-detailed-exitcode", "-input=false", "-out=edited.tfplan", expect=2)
    changes = json.loads(terraform("show", "-json", "edited.tfplan"))["resource_changes"]
    changed = {c["address"]: c["change"]["actions"] for c in changes if c["change"]["actions"] != ["no-op"]}
    assert changed == {"databricks_workspace_file.file_pipelines_shared_rules_py": ["update"]}
    terraform("apply", "edited.tfplan")
    path = f"{local().workspace_root}/pipelines/shared/rules.py"
    assert served.client().workspace.download(path).read() == edited.read_bytes()
    terraform("destroy", "-auto-approve", "-input=false")
    assert is_empty(served.client())
