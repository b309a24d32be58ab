"""The findings as sentences, which every form of the report uses."""

from collections.abc import Iterator

from common.counting import counted
from lakehouse.contracts.comparing import ContractChange
from lakehouse.difference.report import ColumnChange, QuarantineChange, Report, RuleChange, TableChange


def headline(report: Report) -> str:
    """All of it in one line."""
    against = f"against {report.base}, in the world {report.world}"
    if report.nothing:
        return f"Nothing changed in any table, {against}."
    parts = [
        _if_any(len(report.failures), "update fails", "updates fail"),
        _if_any(len(report.tables), "table changes", "tables change"),
        _if_any(len(report.rules), "expectation counts otherwise", "expectations count otherwise"),
        _if_any(len(report.quarantine), "table drops other rows", "tables drop other rows"),
        _if_any(len(report.contracts), "contract changes", "contracts change"),
    ]
    return f"{', '.join(part for part in parts if part) or 'Failures are mended'}, {against}."


def table_words(change: TableChange) -> str:
    """What became of a table, in one line without its name."""
    before, after = change.rows
    match change.state:
        case "new":
            return f"new, {counted(after, 'row')}"
        case "deleted":
            return f"deleted, {counted(before, 'row')}"
        case "not written":
            return "not written, since an update fails"
    parts = [
        _if_any(len(change.schema), "change of schema", "changes of schema"),
        f"{change.added:,} added" if change.added else "",
        f"{change.removed:,} removed" if change.removed else "",
        f"{change.changed:,} changed" if change.changed else "",
    ]
    rows = counted(after, "row")
    if before != after:
        rows = f"{before:,} -> {rows}"
    return f"{', '.join(part for part in parts if part)} ({rows}{_by(change)})"


def _by(change: TableChange) -> str:
    return f", by {', '.join(change.key)}" if change.key else ", as whole rows"


def detail_lines(change: TableChange) -> Iterator[str]:
    """The lines below a table's."""
    yield from map(str, change.schema)
    if change.repeated:
        yield f"{counted(change.repeated, 'key has', 'keys have')} more than one row now"
    yield from change.examples
    for column in change.columns:
        yield column_words(column)
    for figure in change.figures:
        yield f"{figure.column}: {figure.before} -> {figure.after}"


def column_words(change: ColumnChange) -> str:
    """A column's changed values, with examples."""
    examples = "; ".join(f"{each.before} -> {each.after} ({each.key})" for each in change.examples)
    return f"{change.column} differs in {counted(change.rows, 'row')}: {examples}"


def rule_words(change: RuleChange) -> str:
    """What became of the rows that break an expectation."""
    name = f"{change.dataset} {change.expectation}"
    if change.after is None:
        return f"{name}: gone; {counted(change.before or 0, 'row')} broke it"
    if change.before is None:
        return f"{name}: new; {counted(change.after, 'row breaks', 'rows break')} it"
    return f"{name}: {change.before:,} -> {counted(change.after, 'row breaks', 'rows break')} it"


def quarantine_words(change: QuarantineChange) -> str:
    """How many rows a table drops."""
    return f"{change.dataset} drops {change.before:,} -> {counted(change.after, 'row')}"


def contract_words(change: ContractChange) -> Iterator[str]:
    """What of a contract changed, and what is to be done about it."""
    versions = " -> ".join(version for version in (change.before, change.after) if version)
    for what in change.breaking:
        yield f"{change.table} {versions}: breaks its readers: {what}"
    yield from (f"{change.table} {versions}: {what}" for what in change.other)
    if not change.allowed:
        how = "raise the first number of its version" if change.after else "make it deprecated first"
        yield f"{change.table}: {how}, in pipelines/contracts.py"


def sections(report: Report) -> Iterator[tuple[str, list[str]]]:
    """What is not of one table: titles with their lines."""
    if report.failures:
        yield "Updates that fail", list(report.failures)
    if report.mended:
        yield "Updates that failed before and do not now", list(report.mended)
    if report.rules:
        yield "Expectations", [rule_words(rule) for rule in report.rules]
    if report.quarantine:
        yield "Dropped rows", [quarantine_words(each) for each in report.quarantine]
    if report.contracts:
        yield "Contracts", [line for change in report.contracts for line in contract_words(change)]


def _if_any(number: int, one: str, many: str) -> str:
    return counted(number, one, many) if number else ""
