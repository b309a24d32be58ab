"""How long drift takes at scale: 10,000 uploaded files and 500 tables in a local workspace.

`python -m tests.infra.drift.measure` prints the seconds; it is no test, for a busy machine would fail it.
"""

import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.home import Home
from infra.drift.detect import SynthesizedStack, synthesized
from infra.stack.environments import find_environment
from local.workspace.files.objects import FILE, Objects
from local.workspace.http.serving import serving
from local.workspace.storage.store import Store
from pipelines.schemas import TABLES
from pipelines.schemas.model import Column, Table
from tests.infra.drift.world import ROOT, World

FILES_A_FOLDER = 100
COLUMNS = tuple(Column(f"column_{number}", "STRING", "One of many") for number in range(12))


def measure_drift(files: int = 10_000, tables: int = 500) -> float:
    """Seconds that one comparison of so many files and tables takes; AssertionError when it finds any drift."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        home = Home(folder / "home")
        stack = _with_files(synthesized(find_environment("local"), folder / "cdktf.out"), files)
        contract = (*TABLES, *_tables(tables - len(TABLES)))
        with serving(home) as served:
            world = World(
                home, served, served.client(), SynthesizedStack("local", _without_files(stack), stack.folder)
            )
            world.deploy()
        _store_files(home, files)
        with serving(home) as served:
            world = World(home, served, served.client(), stack)
            for table in contract:
                world.write_table(table)
            started = time.perf_counter()
            findings = world.drift(contract=contract)
            seconds = time.perf_counter() - started
    assert findings == [], findings[:3]
    return seconds


def _many(files: int) -> Iterator[tuple[str, str]]:
    """Folder and name of each file, below the root."""
    for number in range(files):
        yield f"many_{number // FILES_A_FOLDER:04}", f"file_{number:05}.py"


def _content(name: str) -> bytes:
    return f"# {name}\n".encode() * 50


def _with_files(stack: SynthesizedStack, files: int) -> SynthesizedStack:
    configuration: dict[str, Any] = deepcopy(dict(stack.configuration))
    folders = configuration["resource"]["databricks_directory"]
    uploads = configuration["resource"]["databricks_workspace_file"]
    for folder, name in _many(files):
        folders[folder] = {"path": f"{ROOT}/{folder}"}
        asset = stack.folder / folder / name
        asset.parent.mkdir(exist_ok=True)
        asset.write_bytes(_content(name))
        uploads[f"many_{name}"] = {"path": f"{ROOT}/{folder}/{name}", "source": f"{folder}/{name}"}
    return SynthesizedStack(stack.environment, configuration, stack.folder)


def _without_files(stack: SynthesizedStack) -> dict[str, Any]:
    configuration = deepcopy(dict(stack.configuration))
    for kind in ("databricks_directory", "databricks_workspace_file"):
        resources = configuration["resource"][kind]
        configuration["resource"][kind] = {
            name: values for name, values in resources.items() if not name.startswith("many_")
        }
    return configuration


def _store_files(home: Home, files: int) -> None:
    """Put the files where the workspace keeps them; uploading each would take minutes."""
    store = Store.open(home.workspace / "workspace.sqlite")
    objects = Objects(store)
    with store.transaction():
        for folder, name in _many(files):
            objects.make_folder(f"{ROOT}/{folder}")
            objects.write(f"{ROOT}/{folder}/{name}", FILE, None, _content(name), overwrite=False)
    store.close()


def _tables(number: int) -> Iterator[Table]:
    for one in range(number):
        yield Table(f"gold.many_{one:03}", "One of many", (), COLUMNS)


if __name__ == "__main__":
    print(f"{measure_drift():.1f} s")
