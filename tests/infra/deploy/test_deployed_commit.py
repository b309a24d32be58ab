"""The commit that an environment holds: recorded on the local workspace, and trusted only where it may be."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from databricks.sdk import WorkspaceClient

from common.home import Home
from infra.deploy.deployed_commit import CATALOGS, TAG, main, record_commit, recorded_commit, to_compare
from infra.stack.environments import find_environment
from local.workspace.http.serving import serving

ENVIRONMENT = replace(find_environment("local"), catalog="held")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkspaceClient]:
    with serving(Home(tmp_path_factory.mktemp("home"))) as served:
        found = served.client()
        found.catalogs.create("held")
        yield found


@pytest.fixture
def checkout(tmp_path: Path, client: WorkspaceClient) -> Iterator[Path]:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, "one")
    yield tmp_path
    if recorded_commit(ENVIRONMENT, client) is not None:
        client.entity_tag_assignments.delete(CATALOGS, "held", TAG)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path, text: str) -> str:
    (folder / "file").write_text(text)
    git(folder, "add", "file")
    git(folder, "commit", "--quiet", "-m", text)
    return git(folder, "rev-parse", "HEAD")


def test_a_commit_on_main_that_waits_for_its_approval_is_not_compared_with(
    checkout: Path, client: WorkspaceClient
) -> None:
    deployed = git(checkout, "rev-parse", "HEAD")
    record_commit(ENVIRONMENT, client, checkout)
    commit(checkout, "two")
    assert to_compare(ENVIRONMENT, client, checkout) == (deployed, "")


def test_each_apply_records_its_own(checkout: Path, client: WorkspaceClient) -> None:
    record_commit(ENVIRONMENT, client, checkout)
    later = commit(checkout, "two")
    record_commit(ENVIRONMENT, client, checkout)
    assert recorded_commit(ENVIRONMENT, client) == later


def test_before_the_first_record_it_is_head(checkout: Path, client: WorkspaceClient) -> None:
    assert to_compare(ENVIRONMENT, client, checkout) == (
        git(checkout, "rev-parse", "HEAD"),
        "no commit is recorded",
    )


def test_what_was_never_committed_is_no_commit(checkout: Path, client: WorkspaceClient) -> None:
    (checkout / "file").write_text("mine")
    record_commit(ENVIRONMENT, client, checkout)
    head = git(checkout, "rev-parse", "HEAD")
    assert to_compare(ENVIRONMENT, client, checkout) == (
        head,
        f"what is deployed is no commit: {head}+changes",
    )


@pytest.mark.parametrize("value", ["--upload-pack=sh", "main", "0" * 40])
def test_a_tag_that_somebody_set_runs_no_code(checkout: Path, client: WorkspaceClient, value: str) -> None:
    record_commit(ENVIRONMENT, client, checkout)
    client.api_client.do(
        "PATCH",
        f"/api/2.1/unity-catalog/entity-tag-assignments/{CATALOGS}/held/tags/{TAG}",
        body={"tag_value": value},
    )
    assert to_compare(ENVIRONMENT, client, checkout)[0] == git(checkout, "rev-parse", "HEAD")


def test_a_commit_of_another_branch_runs_no_code(checkout: Path, client: WorkspaceClient) -> None:
    git(checkout, "switch", "--quiet", "-c", "mine")
    commit(checkout, "not reviewed")
    record_commit(ENVIRONMENT, client, checkout)
    git(checkout, "switch", "--quiet", "main")
    assert to_compare(ENVIRONMENT, client, checkout)[0] == git(checkout, "rev-parse", "HEAD")


def test_wrong_arguments_show_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    assert "usage: python -m infra.deploy.deployed_commit" in capsys.readouterr().err
