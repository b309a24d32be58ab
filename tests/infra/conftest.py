"""The real stacks of this checkout, synthesized once for all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.home import HOME_VARIABLE
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.synthesis import StackConfiguration, load_stack, synthesize_all


@pytest.fixture(scope="session")
def stack_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each environment's stack, by the environment's name."""
    output = tmp_path_factory.mktemp("repository") / "cdktf.out"
    with pytest.MonkeyPatch.context() as patched:
        # The local environment keeps its state in the home that the environment names.
        patched.delenv(HOME_VARIABLE, raising=False)
        return synthesize_all([find_environment(name) for name in BUILDERS], output)


@pytest.fixture(scope="session")
def stacks(stack_folders: dict[str, Path]) -> dict[str, StackConfiguration]:
    """The parsed configuration of each environment's stack."""
    return {name: load_stack(folder) for name, folder in stack_folders.items()}


@pytest.fixture(params=BUILDERS)
def stack(
    request: pytest.FixtureRequest, stacks: dict[str, StackConfiguration]
) -> Iterator[StackConfiguration]:
    """Each environment's stack in turn."""
    yield stacks[request.param]
