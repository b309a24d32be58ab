"""The ways of values over all tables, back and forth."""

from pathlib import Path
from typing import Any

from common.home import Home
from lakehouse.lineage.column_lineage import ColumnLineage
from lakehouse.lineage.column_ways import Way, behind_decisions, decided_by, ends_of, ways_back, ways_forth
from local.engine.lineage.traced_values import ColumnOrigin
from local.engine.storage.kept_lineage import TableLineage, keep_lineage

Columns = dict[str, dict[str, list[str]]]


def lineage_of(
    home: Home, tables: dict[str, Columns], rows: dict[str, dict[str, list[str]]]
) -> ColumnLineage:
    """What a run keeps of tables, given as {table: {column: {"table.column": uses}}}, and of what decides rows."""

    def value(uses: dict[str, list[str]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for source, kinds in uses.items():
            dataset, _, column = source.rpartition(".")
            found.setdefault(dataset, {})[column] = kinds
        return {"uses": found}

    kept = []
    for name, columns in tables.items():
        flow = {
            "columns": {column: value(uses) for column, uses in columns.items()},
            "rows": value(rows.get(name, {})),
            "sources": sorted({source.rpartition(".")[0] for uses in columns.values() for source in uses}),
        }
        kept.append(TableLineage(name, "shop", "5d1f", "2026-11-27T12:00:00+00:00", {name: flow}))
    keep_lineage(home, "shop", kept, [*tables])
    return ColumnLineage.of(home)


def names(ways: tuple[Way, ...]) -> list[Any]:
    return [
        (f"{way.end.dataset}.{way.end.column}", "again" if way.is_again else names(way.beyond))
        for way in ways
    ]


def test_a_column_that_is_met_twice_has_its_way_once(tmp_path: Path) -> None:
    lineage = lineage_of(
        Home(tmp_path),
        {
            "s.one": {"x": {"/files.x": ["IDENTITY"]}},
            "s.two": {"a": {"s.one.x": ["IDENTITY"]}, "b": {"s.one.x": ["CONDITIONAL", "TRANSFORMATION"]}},
            "s.three": {"sum": {"s.two.a": ["AGGREGATION"], "s.two.b": ["AGGREGATION"]}},
        },
        {"s.three": {"s.two.a": ["GROUP_BY", "FILTER"]}},
    )
    back = ways_back(lineage, ColumnOrigin("s.three", "sum"))
    assert names(back) == [
        ("s.two.a", [("s.one.x", [("/files.x", [])])]),
        ("s.two.b", [("s.one.x", "again")]),
    ]
    forth = ways_forth(lineage, ColumnOrigin("/files", "x"))
    assert names(forth) == [
        ("s.one.x", [("s.two.a", [("s.three.sum", [])]), ("s.two.b", [("s.three.sum", "again")])])
    ]
    assert len(list(ends_of(forth))) == 4
    decided = decided_by(lineage, list(ends_of(forth)))
    assert [(kind, use.target.dataset, use.target.column) for kind, use in decided] == [
        ("FILTER", "s.three", ""),
        ("GROUP_BY", "s.three", ""),
        ("CONDITIONAL", "s.two", "b"),
    ]
    assert lineage.outside == {"/files": ["x"]}


def test_a_table_that_reads_itself_ends(tmp_path: Path) -> None:
    lineage = lineage_of(
        Home(tmp_path),
        {"s.one": {"x": {"s.one.y": ["IDENTITY"]}, "y": {"s.one.x": ["IDENTITY"]}}},
        {},
    )
    assert names(ways_forth(lineage, ColumnOrigin("s.one", "x"))) == [("s.one.y", [("s.one.x", "again")])]


def test_what_is_behind_a_decision_is_told_apart_from_values(tmp_path: Path) -> None:
    """x decides about the value b and about the rows of s.three; s.four reads these, s.five those of s.four."""
    lineage = lineage_of(
        Home(tmp_path),
        {
            "s.two": {
                "a": {"s.one.x": ["IDENTITY"]},
                "b": {"s.one.x": ["CONDITIONAL"], "s.one.y": ["IDENTITY"]},
            },
            "s.three": {"c": {"s.two.b": ["IDENTITY"]}, "d": {"s.one.y": ["IDENTITY"]}},
            "s.four": {"e": {"s.three.d": ["AGGREGATION"]}},
            "s.five": {"f": {"s.four.e": ["IDENTITY"]}},
            "s.apart": {"g": {"s.one.y": ["IDENTITY"]}},
        },
        {"s.three": {"s.two.a": ["FILTER"]}},
    )
    asked = ColumnOrigin("s.one", "x")
    found = behind_decisions(lineage, [asked, *ends_of(ways_forth(lineage, asked))])
    assert found.columns == (ColumnOrigin("s.two", "b"), ColumnOrigin("s.three", "c"))
    assert found.tables == {"s.three": (), "s.four": ("s.three",), "s.five": ("s.four",)}


def test_a_column_that_decides_about_nothing_has_nothing_behind_it(tmp_path: Path) -> None:
    lineage = lineage_of(Home(tmp_path), {"s.one": {"x": {"/files.x": ["IDENTITY"]}}}, {})
    found = behind_decisions(lineage, [ColumnOrigin("/files", "x"), ColumnOrigin("s.one", "x")])
    assert (found.columns, found.tables) == ((), {})
