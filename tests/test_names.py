"""One name has one meaning: what two modules call alike is one thing, seen from two sides."""

import ast
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from pipelines.lineage import SOURCES

TOP = Path(__file__).parents[1]
# The same thing as this repository declares, writes or finds it, and as another room reads or serves it.
ONE_THING = {
    *("Alert", "Column", "Pipeline", "Schedule", "Schema", "Securable", "Table", "Volume"),
    *("Answer", "CsvFile", "Finding", "Record", "Row", "Run"),
}
# Functions that several modules have under one name, and why.
ONE_ENTRY = {
    "main": "what a program runs",
    "register": "how a command comes to the command line",
    "content": "what the template of a page shows",
    "as_json, as_markdown, as_text, headline": "a report in that form",
    "channel, new_session": "what each engine gives",
    "create, find, forget, recover": "what is done with the records of one kind, named by their module",
    "create_catalog, create_schema": "a call of the workspace, and the part of it that is minilake's",
    "runner_of": "who a job or a pipeline runs as",
    "with_readers": "tables and all that are made from them, by the lineage or by what ran",
}
# A dataset is made by the function of its name: in the generator, in bronze and in silver.
DATASETS = {name.partition(".")[2] for name in SOURCES}
# Constants that other modules read.
ONE_FACT = {
    "OPERATIONS": "the calls of a part of the workspace, and of all of it",
    "router": "the calls or pages of one module",
}
# The tables of a schema have the names of the schema's module.
SCHEMAS = "pipelines/schemas/"
# Two sides of one thing in one room, each in a room within.
ONE_FILE = {
    "datasets.py": "what a file may write, and its check",
    "event_hooks.py": "what a file may write, and how it runs",
    "expectations.py": "what a file may write, and how it is counted",
    "rows.py": "rows of a file, rows of a result",
    "schemas.py": "columns as declared, columns as read",
    "sql.py": "a page, and what it reads",
    "times.py": "texts of times as Spark reads them: in files and in queries",
    "work.py": "jobs, pipelines and alerts: read, then compared",
}


@cache
def modules() -> dict[str, ast.Module]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=TOP, capture_output=True, text=True, check=True)
    files = [file for file in listed.stdout.splitlines() if not file.startswith("tests/")]
    return {file: ast.parse((TOP / file).read_text(encoding="utf-8")) for file in files}


def names_of_several(names: Callable[[str, ast.Module], Iterable[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for file, module in modules().items():
        for name in {name for name in names(file, module) if not name.startswith("_")}:
            found[name].append(file)
    return {name: files for name, files in found.items() if len(files) > 1}


def without(found: dict[str, list[str]], allowed: Iterable[str]) -> dict[str, list[str]]:
    listed = {name for names in allowed for name in names.split(", ")}
    assert listed <= found.keys(), "these names stand once by now: take them off the list"
    return {name: files for name, files in found.items() if name not in listed}


def assigned(module: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                yield name, value


def test_a_class_or_an_alias_has_a_name_of_its_own() -> None:
    def names(_: str, module: ast.Module) -> Iterator[str]:
        yield from (node.name for node in module.body if isinstance(node, ast.ClassDef))
        aliases = [name for name, value in assigned(module) if not isinstance(value, ast.Call)]
        yield from (name for name in aliases if name[0].isupper() and not name.isupper())

    assert without(names_of_several(names), ONE_THING) == {}


def test_a_function_has_a_name_of_its_own() -> None:
    def names(file: str, module: ast.Module) -> Iterator[str]:
        for node in module.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                # A command is called as what it runs or shows.
                is_command = file.startswith("lakehouse/commands/") and node.name == Path(file).stem
                if not is_command and node.name not in DATASETS:
                    yield node.name

    assert without(names_of_several(names), ONE_ENTRY) == {}


def read_elsewhere() -> set[tuple[str, str]]:
    """The modules, as files, and the names of theirs that others import or name by them."""
    found = set()
    for module in modules().values():
        imported: dict[str, str] = {}
        for node in ast.walk(module):
            match node:
                case ast.ImportFrom(module=str(room), names=names):
                    found |= {(room, one.name) for one in names}
                    imported |= {one.asname or one.name: f"{room}.{one.name}" for one in names}
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in imported:
                    found.add((imported[name], attribute))
    return {(f"{room.replace('.', '/')}.py", name) for room, name in found}


def test_a_constant_that_others_read_has_a_name_of_its_own() -> None:
    read = read_elsewhere()

    def names(file: str, module: ast.Module) -> Iterator[str]:
        if not file.startswith(SCHEMAS):
            yield from (name for name, _ in assigned(module) if (file, name) in read)

    assert without(names_of_several(names), ONE_FACT) == {}


def test_a_file_has_a_name_of_its_own_in_its_room() -> None:
    def names(file: str, _: ast.Module) -> Iterator[str]:
        parts = Path(file).parts
        if len(parts) > 2 and parts[-1] != "__init__.py" and Path(file).stem not in DATASETS:
            yield "/".join([*parts[:2], parts[-1]])

    found = {name.split("/")[-1]: files for name, files in names_of_several(names).items()}
    assert without(found, ONE_FILE) == {}
