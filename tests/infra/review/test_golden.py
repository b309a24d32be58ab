import pytest

from infra.review.inventory import GOLDEN, inventory
from infra.stack.environments import BUILDERS
from infra.stack.synthesis import StackConfiguration


@pytest.mark.parametrize("name", BUILDERS)
def test_stack_is_the_reviewed_one(name: str, stacks: dict[str, StackConfiguration]) -> None:
    expected = (GOLDEN / f"{name}.txt").read_text()
    assert inventory(stacks[name]) == expected, "if the change is wanted: make golden, and review its diff"


@pytest.mark.parametrize("name", BUILDERS)
def test_golden_shows_every_configuration_value(name: str, stacks: dict[str, StackConfiguration]) -> None:
    lines = (GOLDEN / f"{name}.txt").read_text().splitlines()
    for key, pipeline in stacks[name]["resource"]["databricks_pipeline"].items():
        line = next(line for line in lines if line.startswith(f"databricks_pipeline.{key} "))
        for setting, value in pipeline["configuration"].items():
            shown = "" if value else '""'
            assert f" configuration.{setting}={shown}" in line


@pytest.mark.parametrize("name", BUILDERS)
def test_golden_is_sorted_one_line_a_resource(name: str, stacks: dict[str, StackConfiguration]) -> None:
    lines = (GOLDEN / f"{name}.txt").read_text().splitlines()
    resources = stacks[name]["resource"]
    uploads = {"databricks_workspace_file", "databricks_directory"}
    assert lines == sorted(set(lines))
    for kind in resources.keys() - uploads:
        assert sum(line.startswith(f"{kind}.") for line in lines) == len(resources[kind])
