"""What a table is: its name, key and commented columns, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column: `type` is a Spark SQL type, `comment` says what a value means and in which unit.

    `pii` marks what identifies a person, and free text that may name one: the stack tags those columns.
    """

    name: str
    type: str
    comment: str
    pii: bool = False


@dataclass(frozen=True)
class Table:
    """One table: `name` is `schema.table`, `keys` the columns that name what a row tells of, empty when none do.

    A key is unique but in bronze and change events, which hold every row that was delivered.
    """

    name: str
    comment: str
    keys: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def short_name(self) -> str:
        """The name without its schema: `orders` for `silver.orders`."""
        return self.name.split(".")[1]

    @property
    def schema_name(self) -> str:
        """The schema that holds it: `silver` for `silver.orders`."""
        return self.name.split(".")[0]

    @property
    def column_names(self) -> list[str]:
        """The columns' names in table order."""
        return [column.name for column in self.columns]

    @property
    def source_columns(self) -> list[str]:
        """The columns that come from a file: all but the lineage, whose names begin with `_`."""
        return [name for name in self.column_names if not name.startswith("_")]

    @property
    def schema(self) -> str:
        """The columns as Spark DDL with their comments, for `schema=` of a Lakeflow decorator."""
        return ", ".join(f"`{c.name}` {c.type} COMMENT '{_escaped(c.comment)}'" for c in self.columns)


def _escaped(comment: str) -> str:
    return comment.replace("\\", "\\\\").replace("'", "\\'")


RULES_VERSION = Column(
    "_rules_version", "STRING", "Digest of the drop rules and of the cleaner by which the row was judged"
)
