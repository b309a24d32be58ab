"""A plan file of another run is applied only when it says what this checkout says, of the state as it is."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from infra.deploy import packed
from infra.deploy.packed import check_configuration, check_objects, is_stale
from infra.stack.synthesis import CONFIGURATION

STACK = {"resource": {"terraform_data": {"made": {"input": "made"}}}}
MADE = {
    "mode": "managed",
    "type": "terraform_data",
    "name": "made",
    "provider": 'provider["terraform.io/builtin/terraform"]',
    "instances": [{"attributes": {"id": "1", "input": "made"}}],
}
STATE = {"lineage": "a", "serial": 3, "resources": [MADE]}


def plan_file(folder: Path, entries: dict[str, str] | list[tuple[str, str]]) -> Path:
    """A plan file by hand: a zip archive of what it was made from."""
    file = folder / "lakehouse-prod.tfplan"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items() if isinstance(entries, dict) else entries:
            archive.writestr(name, content)
    return file


def stack(folder: Path) -> Path:
    (folder / CONFIGURATION).write_text(json.dumps(STACK))
    return folder


def sound() -> dict[str, str]:
    return {
        "tfplan": "",
        "tfstate": json.dumps(STATE),
        "tfconfig/modules.json": "[]",
        "tfconfig/m-/cdk.tf.json": json.dumps(STACK),
    }


def test_a_plan_of_this_configuration_is_taken(tmp_path: Path) -> None:
    check_configuration(plan_file(tmp_path, sound()), stack(tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        {"tfconfig/m-/cdk.tf.json": json.dumps({**STACK, "output": {}})},
        {"tfconfig/m-/more.tf": 'resource "null_resource" "x" {}'},
        {"tfconfig/m-/adopt.tf.json": "{}"},
        {"tfconfig/m-child/main.tf": ""},
    ],
    ids=["changed", "another file", "imports", "a module"],
)
def test_a_plan_of_another_configuration_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    file = plan_file(tmp_path, sound() | change)
    with pytest.raises(UserError, match=r"lakehouse-prod\.tfplan was made from another configuration"):
        check_configuration(file, stack(tmp_path))


def test_a_plan_without_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="another configuration"):
        check_configuration(plan_file(tmp_path, {"tfplan": ""}), stack(tmp_path))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_plan_that_says_two_things_under_one_name_is_refused(tmp_path: Path) -> None:
    evil = [("tfconfig/m-/cdk.tf.json", "{}"), *sound().items()]
    with pytest.raises(UserError, match="tells things twice"):
        check_configuration(plan_file(tmp_path, evil), stack(tmp_path))


def test_an_encrypted_or_damaged_archive_is_refused(tmp_path: Path) -> None:
    file = plan_file(tmp_path, sound())
    content = file.read_bytes()
    # The flag of encryption in the header of each entry, and in the list of all.
    locked = content.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01")
    locked = locked.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    for evil in (locked, content.replace(b"lineage", b"LINEAGE")):
        assert evil != content
        file.write_bytes(evil)
        with pytest.raises(UserError, match="is no plan of Terraform"):
            check_configuration(file, stack(tmp_path))


def test_what_is_no_plan_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lakehouse-prod.tfplan"
    with pytest.raises(UserError, match="is no plan of Terraform"):
        check_configuration(file, stack(tmp_path))
    file.write_text("no archive")
    with pytest.raises(UserError, match="is no plan of Terraform"):
        check_configuration(file, tmp_path)
    monkeypatch.setattr(packed, "MOST_BYTES", 10)
    with pytest.raises(UserError, match="too large"):
        check_configuration(plan_file(tmp_path, sound()), tmp_path)


@pytest.mark.parametrize(
    ("state", "stale"),
    [(STATE, False), ({**STATE, "serial": 4}, True), ({**STATE, "lineage": "b"}, True), ({}, True)],
)
def test_a_plan_is_stale_once_the_state_is_another_one(
    tmp_path: Path, state: dict[str, Any], stale: bool
) -> None:
    assert is_stale(plan_file(tmp_path, sound()), state) == stale


def test_a_first_plan_that_looked_something_up_is_not_stale(tmp_path: Path) -> None:
    """Terraform keeps what it read, such as the warehouse of a name, in the plan's state."""
    assert not is_stale(of_state(tmp_path, mode="data"), {})
    assert is_stale(of_state(tmp_path), {})


def of_state(folder: Path, **changes: Any) -> Path:
    planned = {**STATE, "resources": [{**MADE, **changes}]}
    return plan_file(folder, sound() | {"tfstate": json.dumps(planned)})


@pytest.mark.parametrize(
    "changes",
    [
        {"instances": []},
        {"instances": [{"attributes": {"id": "1", "input": "changed by hand"}}]},
        {"mode": "data", "instances": [{"attributes": {"id": "2"}}]},
    ],
    ids=["gone", "changed by hand", "only read"],
)
def test_a_plan_may_find_objects_changed_or_gone(tmp_path: Path, changes: dict[str, Any]) -> None:
    check_objects(of_state(tmp_path, **changes), STATE)


@pytest.mark.parametrize(
    "changes",
    [
        {"instances": [{"attributes": {"id": "2", "input": "made"}}]},
        {"name": "another"},
        {"provider": "another"},
        {"module": "another"},
        {"instances": [{"deposed": "x", "attributes": {"id": "1"}}]},
        {"instances": [{"index_key": "x", "attributes": {"id": "1"}}]},
    ],
    ids=["another id", "another name", "another provider", "a module", "deposed", "indexed"],
)
def test_a_plan_that_takes_another_object_for_a_resource_is_refused(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    """It would change, or delete, what the stack never had."""
    with pytest.raises(UserError, match="takes another object for terraform_data"):
        check_objects(of_state(tmp_path, **changes), STATE)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_a_real_first_plan_is_taken_until_it_was_applied(tmp_path: Path) -> None:
    folder, file = stack(tmp_path), tmp_path / "first.tfplan"

    def terraform(*arguments: str) -> str:
        command = ["terraform", f"-chdir={folder}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    terraform("init", "-input=false")
    terraform("plan", "-input=false", f"-out={file}")
    check_configuration(file, folder)
    assert not is_stale(file, {})
    check_objects(file, {})
    terraform("apply", "-input=false", str(file))
    state = json.loads(terraform("state", "pull"))
    assert is_stale(file, state)
    terraform("plan", "-input=false", "-destroy", f"-out={file}")
    assert not is_stale(file, state)
    check_objects(file, state)
    (folder / CONFIGURATION).write_text(json.dumps({**STACK, "output": {}}))
    with pytest.raises(UserError, match="another configuration"):
        check_configuration(file, folder)
