"""What differs between the tables of two revisions, as plain data: what is shown, and the JSON of it."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from common.errors import UserError
from lakehouse.contracts.comparing import ContractChange
from lakehouse.difference.kinds import ChangeKind


@dataclass(frozen=True)
class Example:
    """One value before and after; `key` names the row as `column=value, ...`, `move` is the difference of numbers."""

    key: str
    before: str
    after: str
    move: float | None = None


@dataclass(frozen=True)
class ColumnChange:
    """A column whose values differ in `rows` rows that both sides have; numbers by the largest moves."""

    column: str
    rows: int
    examples: list[Example]


@dataclass(frozen=True)
class SchemaChange:
    """`added`, `dropped`, `retyped` or `renamed`: a column, with its type or name before and after."""

    what: str
    column: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        match self.what:
            case "added":
                return f"column {self.column} {self.after} added"
            case "dropped":
                return f"column {self.column} {self.before} dropped"
            case "renamed":
                return f"column {self.before} renamed to {self.after}"
        return f"column {self.column} retyped from {self.before} to {self.after}"


@dataclass(frozen=True)
class Figure:
    """The sum of a column of a table that is read by people, before and after."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class TableChange:
    """What became of a table: `state` is changed, new, deleted or not written.

    `rows` are the rows before and after. Rows are told by `key`; without one, by all of their columns, and none has
    changed. `repeated` counts the keys that more rows than one have now and did not before. `examples` are keys of
    added (+) and removed (-) rows.
    """

    table: str
    state: str
    rows: tuple[int, int] = (0, 0)
    key: list[str] = field(default_factory=list)
    added: int = 0
    removed: int = 0
    changed: int = 0
    repeated: int = 0
    schema: list[SchemaChange] = field(default_factory=list)
    columns: list[ColumnChange] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether anything of it is to be told."""
        return self.state != "changed" or bool(self.schema or self.added or self.removed or self.changed)


@dataclass(frozen=True)
class RuleChange:
    """An expectation whose counts moved: rows that broke it before and after, None where it is not there."""

    dataset: str
    expectation: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class QuarantineChange:
    """Rows that are kept out of a dataset, before and after."""

    dataset: str
    before: int
    after: int


@dataclass(frozen=True)
class ChartChange:
    """A chart of a dashboard whose rows differ, as SVG of both sides."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class Report:
    """All of it; `charts` where they were asked for.

    `contracts` are those that changed, `failures` the errors of updates, `mended` those that only the base had.
    """

    base: str
    world: str
    tables: list[TableChange] = field(default_factory=list)
    rules: list[RuleChange] = field(default_factory=list)
    quarantine: list[QuarantineChange] = field(default_factory=list)
    contracts: list[ContractChange] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    ran: int = 0
    seconds: float = 0.0
    charts: list[ChartChange] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether the change does nothing to the data."""
        found = (self.tables, self.rules, self.quarantine, self.contracts, self.failures, self.mended)
        return not any(found)

    @property
    def breaks(self) -> bool:
        """Whether a contract is broken whose version was not raised."""
        return not all(change.allowed for change in self.contracts)

    def found(self, kind: ChangeKind) -> bool:
        """Whether there is what `--fail-on` asks for; an update that fails is of every kind."""
        if self.failures:
            return True
        match kind:
            case ChangeKind.SCHEMA:
                return any(table.schema or table.state != "changed" for table in self.tables)
            case ChangeKind.ROWS:
                return any(table.added or table.removed or table.changed for table in self.tables)
        return bool(self.quarantine) or any(_is_worse(rule) for rule in self.rules)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {"nothing": self.nothing, **asdict(self)}


def read_report(file: Path) -> Report:
    """The report that `--write` left in a .json file; UserError when it is none."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Report).validate_json(file.read_bytes())
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}; `lakehouse diff --write {file}` writes one") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise UserError(f"{file} is no report of `lakehouse diff`: {where}: {first['msg']}") from error


def _is_worse(rule: RuleChange) -> bool:
    return rule.after is None or (rule.before is not None and rule.after > rule.before)
