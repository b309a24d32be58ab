from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from common.home import Home
from infra.drift.detect import SynthesizedStack
from infra.stack.synthesis import load_stack
from local.workspace.http.serving import serving
from tests.infra.drift.world import NOTEBOOK, NOTEBOOK_SOURCE, World


def _extended(stack: SynthesizedStack) -> SynthesizedStack:
    """The stack with the two things of the measured one that ours has not: a notebook, a pipeline environment."""
    configuration = deepcopy(dict(stack.configuration))
    (stack.folder / "probe.py").write_bytes(NOTEBOOK_SOURCE)
    notebook = {"path": NOTEBOOK, "language": "PYTHON", "source": "probe.py"}
    configuration["resource"]["databricks_notebook"] = {"notebook_probe": notebook}
    pipeline = configuration["resource"]["databricks_pipeline"]["pipeline_quality"]
    pipeline["environment"] = {"dependencies": ["faker==40.0.0", "rich"]}
    return replace(stack, configuration=configuration)


@pytest.fixture(scope="session")
def world(stack_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The stack of lakehouse-local, deployed once; every test puts back what it changed."""
    folder = stack_folders["local"]
    stack = _extended(SynthesizedStack("local", load_stack(folder), folder))
    home = Home(tmp_path_factory.mktemp("drift-home"))
    with serving(home) as served:
        deployed = World(home, served, served.client(), stack)
        deployed.deploy()
        yield deployed
