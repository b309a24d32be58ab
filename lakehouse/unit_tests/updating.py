"""Writes the rows that came into a file of tests, and leaves everything else of it as it stands."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from lakehouse.unit_tests.cells import equal, text_of
from lakehouse.unit_tests.comparing import TableDiff, Values
from lakehouse.unit_tests.files import YamlNode
from lakehouse.unit_tests.running import Outcome
from local.engine.language.sql.edits import Edit, edited_text


def rewrite_expected(file: Path, outcomes: Sequence[Outcome]) -> int:
    """Rewrites the expected rows of the tests of `file` whose rows differ; how many tests that were.

    A value that changed is replaced where it stands, rows that did not come are taken out, new ones follow the last.
    A test that ended with an error, or expected one, is left.
    """
    text = file.read_bytes().decode("utf-8")
    edits = [edit for one in outcomes if one.diff for edit in _edits(text, one, one.diff)]
    file.write_bytes(edited_text(text, edits).encode("utf-8"))
    return sum(1 for one in outcomes if one.diff)


def _edits(text: str, outcome: Outcome, diff: TableDiff) -> Iterator[Edit]:
    expect = outcome.test.expect
    rows = next((value for key, value in expect.node.value if key.value == "rows"), None)
    nodes: list[yaml.MappingNode] = list(rows.value) if isinstance(rows, yaml.SequenceNode) else []
    kept = len(nodes) - len(diff.missing)
    if rows is None or not nodes or rows.flow_style or not kept:
        yield _anew(text, expect.node, rows, diff)
        return
    for number, row in diff.changed.items():
        yield from _cells(nodes[number], diff.expected[number], row)
    for number in diff.missing:
        yield _line_start(text, nodes[number]), _line_end(text, nodes[number]), ""
    if diff.unexpected:
        at = _line_end(text, nodes[-1])
        indent = rows.start_mark.column
        new = _written(diff.unexpected, diff.columns, indent, flow=bool(nodes[-1].flow_style))
        yield at, at, new if text[:at].endswith("\n") else f"\n{new}"


def _cells(node: yaml.MappingNode, expected: Values, row: Values) -> Iterator[Edit]:
    for key, value in node.value:
        if not equal(expected[key.value], row[key.value]):
            blank = " " if value.start_mark.index == key.end_mark.index + 1 else ""
            yield value.start_mark.index, _end(value), blank + text_of(row[key.value])


def _anew(text: str, expect: yaml.MappingNode, rows: YamlNode | None, diff: TableDiff) -> Edit:
    """All rows in the place of what stands there."""
    came = [row for _, row in sorted(diff.changed.items())] + diff.unexpected
    key = next((key for key, _ in expect.value if key.value == "rows"), None)
    if rows is None or key is None:
        # `expect: {}`
        indent = _indent(text, expect.start_mark.index) + 2
        body = _written(came, diff.columns, indent + 2)
        start = len(text[: expect.start_mark.index].rstrip(" "))
        return start, expect.end_mark.index, f"\n{' ' * indent}rows:\n{body.rstrip()}"
    body = _written(came, diff.columns, key.start_mark.column + 2)
    value = f"\n{body.rstrip()}" if came else " []"
    return key.end_mark.index + 1, max(_end(rows), key.end_mark.index + 1), value


def _written(rows: Sequence[Values], columns: Sequence[str], indent: int, *, flow: bool = False) -> str:
    lines = []
    for row in rows:
        cells = [f"{column}: {text_of(row[column])}" for column in columns]
        if flow:
            lines.append(f"{' ' * indent}- {{{', '.join(cells)}}}")
        else:
            lines += [f"{' ' * indent}{'-' if n == 0 else ' '} {cell}" for n, cell in enumerate(cells)]
    return "".join(f"{line}\n" for line in lines)


def _end(node: YamlNode) -> int:
    """Where the text of a node ends: a block's mark stands behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return node.end_mark.index


def _line_start(text: str, node: YamlNode) -> int:
    return text.rfind("\n", 0, node.start_mark.index) + 1


def _line_end(text: str, node: YamlNode) -> int:
    found = text.find("\n", _end(node))
    return len(text) if found < 0 else found + 1


def _indent(text: str, index: int) -> int:
    line = text[text.rfind("\n", 0, index) + 1 : index]
    return len(line) - len(line.lstrip())
