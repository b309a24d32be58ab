"""Lineage by column for a terminal: all tables, the columns of one, or the ways of one column."""

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text
from rich.tree import Tree

from common.counting import counted
from lakehouse.lineage.column_lineage import ColumnLineage
from lakehouse.lineage.column_ways import Way, behind_decisions, decided_by, ends_of, ways_back, ways_forth
from lakehouse.output.show import console, show
from local.engine.lineage.traced_values import ColumnOrigin
from local.engine.running.rows import Rows

ALL_ROWS = "all rows"
NO_COLUMN = "no column: it counts rows, or is a constant or a clock's"


def show_lineage(lineage: ColumnLineage, names: Sequence[str]) -> None:
    """Prints a tree of each column that is named, the columns of each table, and all tables where none is.

    UserError for a name that is not known.
    """
    if not names:
        show(_all_tables(lineage))
        console().print("lakehouse lineage TABLE or TABLE.COLUMN tells more", style="dim", highlight=False)
    for name in names:
        asked = lineage.selected([name])
        if name in lineage.tables:
            show(_columns_of(lineage, asked), title=name)
        else:
            console().print(_tree(lineage, asked[0]), highlight=False)


def _all_tables(lineage: ColumnLineage) -> Rows:
    rows = [
        (name, len(told.columns), ", ".join(sorted(told.sources)), len(told.untold) or "")
        for name, told in lineage.tables.items()
    ]
    return Rows(["table", "columns", "made from", "not all told"], rows)


def _columns_of(lineage: ColumnLineage, columns: Iterable[ColumnOrigin]) -> Rows:
    rows = []
    for one in columns:
        uses = lineage.feeding(one)
        values = [_said(use.source, use.values) for use in uses if use.values]
        decisions = _decisions(lineage, one)
        values += [f"not told: {why}" for why in lineage.tables[one.dataset].untold.get(one.column, ())]
        rows.append(
            (one.column or ALL_ROWS, "\n".join(values), "\n".join(decisions), len(lineage.fed_by(one)))
        )
    return Rows(["column", "made of", "decided by", "uses of it"], rows)


def _tree(lineage: ColumnLineage, column: ColumnOrigin) -> Tree:
    """What a column is made of and what breaks when it goes; decisions, and what is behind them, apart."""
    forth = ways_forth(lineage, column)
    reached = [column, *ends_of(forth)]
    behind = behind_decisions(lineage, reached)
    tree = Tree(Text(_named(column), style="bold"))
    _origin(tree, lineage, column)
    _ways(tree.add(f"made of it: {counted(len(reached) - 1, 'column')}"), forth)
    decisions = [
        f"{kind.replace('_', ' ').lower()} of {_named(use.target)}, by {_named(use.source)}"
        for kind, use in decided_by(lineage, reached)
    ]
    _lines(tree, "decides, itself or by a column made of it", decisions)
    _lines(tree, "other values behind these decisions", map(_named, behind.columns))
    _lines(tree, "other rows behind these decisions", _tables(behind.tables.items()))
    perhaps = lineage.untold_readers({one.dataset for one in reached}).items()
    _lines(
        tree, "perhaps, since it is not told", (f"{_named(one)}: {'; '.join(why)}" for one, why in perhaps)
    )
    return tree


def _origin(tree: Tree, lineage: ColumnLineage, column: ColumnOrigin) -> None:
    """What comes into a column and what decides about it; where no value does, what decides about its table's rows."""
    back = ways_back(lineage, column)
    untold = lineage.tables[column.dataset].untold.get(column.column, ())
    made_of = tree.add("made of")
    _ways(made_of, back)
    if not back and not untold:
        made_of.add(NO_COLUMN)
    _lines(tree, "not told", untold)
    _lines(tree, "decided by", _decisions(lineage, column))
    if not back:
        rows = ColumnOrigin(column.dataset, "")
        _lines(tree, "the rows of its table are decided by", _decisions(lineage, rows))


def _decisions(lineage: ColumnLineage, column: ColumnOrigin) -> list[str]:
    return [_said(use.source, use.decisions) for use in lineage.feeding(column) if use.decisions]


def _tables(behind: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    for name, read in behind:
        yield f"{name}, which reads {', '.join(read)}" if read else name


def _ways(branch: Tree, ways: Iterable[Way]) -> None:
    for way in ways:
        again = ", see its other place" if way.is_again else ""
        _ways(branch.add(Text(_said(way.end, way.use.values) + again)), way.beyond)


def _lines(tree: Tree, title: str, lines: Iterable[str]) -> None:
    """A branch of lines, where there is any."""
    found = list(lines)
    if found:
        branch = tree.add(title)
        for line in found:
            branch.add(Text(line))


def _said(end: ColumnOrigin, how: Iterable[str]) -> str:
    return f"{_named(end)} ({', '.join(how).replace('_', ' ').lower()})"


def _named(column: ColumnOrigin) -> str:
    return f"{column.dataset}.{column.column}" if column.column else f"{column.dataset}, {ALL_ROWS}"
