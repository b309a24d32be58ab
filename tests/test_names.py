"""One name has one meaning: what two modules call alike is one thing, seen from two sides."""

import ast
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parents[1]
# The same thing as this repository declares, writes or finds it, and as another room reads or serves it.
ONE_THING = {
    *("Alert", "Column", "Owner", "Pipeline", "Schedule", "Schema", "Securable", "Table", "Volume"),
    *("Answer", "CsvFile", "Finding", "Record", "Row", "Run"),
}


def classes_and_aliases(file: Path) -> Iterator[str]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not isinstance(value, ast.Call):
                yield name


def test_a_class_or_an_alias_has_a_name_of_its_own() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=TOP, capture_output=True, text=True, check=True)
    modules: dict[str, list[str]] = defaultdict(list)
    for file in listed.stdout.splitlines():
        names = [] if file.startswith("tests/") else classes_and_aliases(TOP / file)
        # CONSTANTS and _private names are their module's own.
        for name in {one for one in names if one[0].isupper() and not one.isupper()}:
            modules[name].append(file)
    shared = {name: files for name, files in modules.items() if len(files) > 1}
    assert {name: files for name, files in shared.items() if name not in ONE_THING} == {}
