"""Reads the files of tests, `*.test.yml` beside the code; every error names file and line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from common.errors import UserError
from lakehouse.output.paths import path_from_here

TEST_SUFFIX = ".test.yml"
_TEST = ("name", "description", "model", "dataset", "given", "configuration", "expect")

YamlNode = yaml.Node
YamlRow = dict[str, YamlNode]


@dataclass(frozen=True)
class Spot:
    """A place in a file of tests."""

    file: Path
    line: int

    def error(self, text: str) -> UserError:
        """What is wrong there."""
        return UserError(f"{path_from_here(self.file)}:{self.line}: {text}")

    def at(self, node: YamlNode) -> "Spot":
        """Where a node begins."""
        return Spot(self.file, node.start_mark.line + 1)


@dataclass(frozen=True)
class GivenRows:
    """The rows of a table, or the `text` of a file. `schema` are types of columns that nothing else tells."""

    spot: Spot
    table: str = ""
    path: str = ""
    text: str = ""
    rows: tuple[YamlRow, ...] = ()
    schema: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Expect:
    """The rows that are expected, or a part of the error; `node` is the mapping that says it."""

    node: yaml.MappingNode
    rows: tuple[YamlRow, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class UnitTest:
    """One test: of the dataset that the file `model` defines, `dataset` of several."""

    spot: Spot
    name: str
    model: Path
    dataset: str
    given: tuple[GivenRows, ...]
    configuration: Mapping[str, str]
    expect: Expect


def find_tests(paths: Iterable[Path]) -> list[Path]:
    """The files of tests among files and folders, sorted. Raises UserError for a path that is not there."""
    found: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise UserError(
                f"{path} is not there: name files of tests (*{TEST_SUFFIX}) or folders that hold some"
            )
        found |= (
            {path.resolve()} if path.is_file() else {one.resolve() for one in path.rglob(f"*{TEST_SUFFIX}")}
        )
    return sorted(found)


def read_tests(file: Path) -> list[UnitTest]:
    """The tests of a file. Raises UserError that names file and line."""
    top = Spot(file, 1)
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise top.error(f"it is no UTF-8 text: {error}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Spot(file, mark.line + 1 if mark else 1).error(f"it is no YAML: {error.problem}") from None
    if node is None:
        return []
    tests = _mapping(top, node, ("tests",), needed=("tests",))["tests"]
    read = [_test(top.at(one), one) for one in _sequence(top, tests)]
    names = [test.name for test in read]
    for number, test in enumerate(read):
        if test.name in names[:number]:
            raise test.spot.error(f"a second test is called {test.name!r}: give it a name of its own")
    return read


def _test(spot: Spot, node: YamlNode) -> UnitTest:
    parts = _mapping(spot, node, _TEST, needed=("name", "model", "expect"))
    model = (spot.file.parent / _text(spot, parts["model"])).resolve()
    if not model.is_file():
        raise spot.at(parts["model"]).error(
            f"{path_from_here(model)} is not there: model names the file of the dataset, from this file's folder"
        )
    given = [_given(spot.at(one), one) for one in _sequence(spot, parts.get("given"))]
    settings = _mapping(spot, parts["configuration"]) if "configuration" in parts else {}
    return UnitTest(
        spot,
        _text(spot, parts["name"]),
        model,
        _text(spot, parts["dataset"]) if "dataset" in parts else "",
        tuple(given),
        {key: _text(spot, value) for key, value in settings.items()},
        _expect(spot, parts["expect"]),
    )


def _given(spot: Spot, node: YamlNode) -> GivenRows:
    parts = _mapping(spot, node, ("table", "rows", "schema", "path", "text"))
    if ("table" in parts) == ("path" in parts):
        raise spot.error("name what is given: a table with its rows, or a path with its text")
    if "path" in parts:
        text = _text(spot, parts["text"]) if "text" in parts else ""
        return GivenRows(spot, path=_text(spot, parts["path"]), text=text)
    types = _mapping(spot, parts["schema"]) if "schema" in parts else {}
    schema = {column: _text(spot, kind) for column, kind in types.items()}
    return GivenRows(spot, _text(spot, parts["table"]), rows=_rows(spot, parts.get("rows")), schema=schema)


def _expect(spot: Spot, node: YamlNode) -> Expect:
    parts = _mapping(spot, node, ("rows", "error"))
    if "rows" in parts and "error" in parts:
        raise spot.at(node).error("expect rows or an error: there is no table where there is an error")
    error = _text(spot, parts["error"]) if "error" in parts else None
    assert isinstance(node, yaml.MappingNode)
    return Expect(node, _rows(spot, parts.get("rows")), error)


def _rows(spot: Spot, node: YamlNode | None) -> tuple[YamlRow, ...]:
    return tuple(_mapping(spot, one) for one in _sequence(spot, node))


def _sequence(spot: Spot, node: YamlNode | None) -> Iterator[YamlNode]:
    if node is None or is_null(node):
        return
    if not isinstance(node, yaml.SequenceNode):
        raise spot.at(node).error("a list belongs here: begin each entry with a dash")
    yield from node.value


def _mapping(
    spot: Spot, node: YamlNode, known: tuple[str, ...] | None = None, needed: tuple[str, ...] = ()
) -> dict[str, YamlNode]:
    if not isinstance(node, yaml.MappingNode):
        raise spot.at(node).error("a mapping belongs here: write `name: value`")
    found: dict[str, Any] = {}
    for key, value in node.value:
        name = _text(spot, key)
        if known is not None and name not in known:
            raise spot.at(key).error(f"{name} is not known here; known are {', '.join(known)}")
        if name in found:
            raise spot.at(key).error(f"{name} stands here twice")
        found[name] = value
    for name in needed:
        if name not in found:
            raise spot.at(node).error(f"{name} is missing")
    return found


def _text(spot: Spot, node: YamlNode) -> str:
    if not isinstance(node, yaml.ScalarNode) or is_null(node):
        raise spot.at(node).error("a text belongs here")
    return str(node.value)


def is_null(node: YamlNode) -> bool:
    """Whether a value is YAML's null: `null`, `~` or nothing."""
    return node.tag == "tag:yaml.org,2002:null"
