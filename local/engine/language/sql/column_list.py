"""The column list of a CREATE statement: types, comments, generated columns, constraints."""

from dataclasses import dataclass, field

from common.sql_text import literal
from local.engine.language.model import Action, Expectation
from local.engine.language.schemas import not_null
from local.engine.language.sql.cursor import Cursor

_OPTIONS = (
    "COMMENT", "NOT", "NULL", "GENERATED", "DEFAULT", "MASK", "PRIMARY", "FOREIGN", "CONSTRAINT", "COLLATE",
    "REFERENCES", "UNIQUE",
)  # fmt: skip
_MASK = (
    "a column mask is not supplied: readers would see other values; compute what they may see in the query"
)
_IDENTITY = "an identity column is not supplied: number the rows in the query"


@dataclass
class ColumnList:
    """What a column list says. `renamed` are the names of a list without types, `types` the DDL of one with them."""

    expectations: tuple[Expectation, ...] = ()
    generated: dict[str, str] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)
    renamed: tuple[str, ...] = ()

    @property
    def schema(self) -> str | None:
        """The columns as DDL; None when no type is given."""
        return ", ".join(self.types) or None


def column_list(cursor: Cursor) -> ColumnList:
    """The list in parentheses that comes next."""
    found = ColumnList()
    cursor.need("(")
    while not cursor.take(")"):
        if not _constraint(cursor, found):
            _column(cursor, found)
        if not cursor.at(")"):
            cursor.need(",")
    if found.types and found.renamed:
        raise cursor.error(f"give every column a type, or none: {', '.join(found.renamed)} has none")
    return found


def _constraint(cursor: Cursor, found: ColumnList) -> bool:
    """Whether a constraint of the table comes next; goes behind it. Keys say something to readers and check nothing."""
    if cursor.take("CONSTRAINT"):
        name = cursor.column()
        if cursor.take("EXPECT"):
            predicate = cursor.in_parentheses()
            found.expectations += (Expectation(name, predicate, _action(cursor)),)
            return True
        if not cursor.at("PRIMARY", "KEY") and not cursor.at("FOREIGN", "KEY"):
            raise cursor.error(f"EXPECT, PRIMARY KEY or FOREIGN KEY is expected behind the constraint {name}")
    elif not cursor.at("PRIMARY", "KEY") and not cursor.at("FOREIGN", "KEY"):
        return False
    cursor.until(lambda: cursor.at(",") or cursor.at(")"))
    return True


def _action(cursor: Cursor) -> Action:
    if not cursor.take("ON", "VIOLATION"):
        return "warn"
    if cursor.take("DROP"):
        cursor.take("ROW")
        return "drop"
    cursor.need("FAIL")
    cursor.take("UPDATE")
    return "fail"


def _column(cursor: Cursor, found: ColumnList) -> None:
    name = cursor.column()
    kind, comment = _type(cursor), ""
    while not cursor.at(",") and not cursor.at(")"):
        if cursor.take("COMMENT"):
            comment = cursor.string()
        else:
            _option(cursor, name, found)
    if not kind:
        found.renamed += (name,)
        return
    found.types.append(f"`{name}` {kind}" + (f" COMMENT {literal(comment)}" if comment else ""))


def _type(cursor: Cursor) -> str:
    """The type that comes next, if one does; its commas stand in parentheses or angle brackets."""
    start, end, depth = cursor.word.start, cursor.word.start, 0
    while depth or not (cursor.at(",") or cursor.at(")") or any(map(cursor.at, _OPTIONS))):
        if cursor.at("("):
            cursor.in_parentheses()
        else:
            word = cursor.next()
            depth += word.text.count("<") - word.text.count(">")
        end = cursor.last_end
    return cursor.text[start:end]


def _option(cursor: Cursor, name: str, found: ColumnList) -> None:
    if cursor.take("NOT", "NULL"):
        found.expectations += (not_null(name),)
    elif cursor.take("GENERATED"):
        _generated(cursor, name, found)
    elif cursor.at("MASK"):
        raise cursor.refusal(_MASK)
    elif any(map(cursor.take, ("PRIMARY", "FOREIGN", "CONSTRAINT", "REFERENCES"))):
        cursor.until(lambda: cursor.at(",") or cursor.at(")") or cursor.at("COMMENT"))
    else:
        raise cursor.refusal(
            f"'{cursor.word.text}' is not supplied for the column {name}: compute it in the query"
        )


def _generated(cursor: Cursor, name: str, found: ColumnList) -> None:
    if not cursor.take("ALWAYS"):
        cursor.take("BY", "DEFAULT")
    cursor.need("AS")
    if cursor.at("IDENTITY"):
        raise cursor.refusal(_IDENTITY)
    found.generated[name] = cursor.in_parentheses()
