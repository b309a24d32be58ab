"""What a query reads: tables and views by name, and files; and other text in their places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.errors import NotSupplied, UserError
from common.sql_text import quoted
from local.engine.language.places import NotParsed
from local.engine.language.sql.edits import Edit, edited_text
from local.engine.language.sql.words import DIALECT, QUERIES, Word, words

_FILE_FORMATS = ("csv", "json", "parquet", "text", "avro", "orc", "binaryfile", "xml", "delta")
_REFUSED = (
    "INSERT", "MERGE", "DELETE", "UPDATE", "TRUNCATE", "DROP", "ALTER", "COPY", "REPLACE", "OPTIMIZE", "VACUUM",
    "RESTORE",
)  # fmt: skip
_ASKS_CATALOG = ("SHOW", "DESCRIBE", "DESC", "USE")
_MADE = ("TABLE", "EXTERNAL", "STREAMING", "LIVE", "MATERIALIZED")
# Functions of Databricks that give rows of what one machine does not have.
_FUNCTIONS = {
    "table_changes": "read the table's rows, or what its changes come from",
    **dict.fromkeys(
        ("read_kafka", "read_kinesis", "read_pubsub", "read_pulsar"), "read files (read_files) or a table"
    ),
    "remote_query": "deliver the rows as files, and read them with read_files",
    "event_log": "the event log is the Delta table state/event_log of the home, which lakehouse quality reads",
}


@dataclass(frozen=True)
class Files:
    """A read of files: `format` is cloudFiles, read_files or a format; `schema` the DDL of the option of that name."""

    format: str
    path: str
    options: Mapping[str, str] = field(default_factory=dict)
    schema: str | None = None


@dataclass(frozen=True)
class Reference:
    """One read in a query. `name` is as it is written; `files` says what is read in place of a table, if that is so.

    `start` and `end` are what `bind` replaces in the text (the name begins at `name_at`), `alias` is what it puts
    behind `alias_at` so that the rows keep their name; `qualifiers` are places where columns name it with more.
    """

    name: str
    is_stream: bool
    start: int
    end: int
    name_at: int
    alias: str = ""
    alias_at: int = 0
    files: Files | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    qualifiers: tuple[tuple[int, int], ...] = ()


def references(query: str) -> tuple[Reference, ...]:
    """The tables, views and files that a query reads, in the order of its text; those that it names by WITH are none.

    A statement that is no query reads nothing. Raises UserError for a text that does not parse, and for statements
    that write.
    """
    return _references(query)


def bind(query: str, replacements: Sequence[str]) -> str:
    """The query with each of its references replaced; the rest of its text is to the letter as it was."""
    edits: list[Edit] = []
    for reference, replacement in zip(references(query), replacements, strict=True):
        edits.append((reference.start, reference.end, replacement))
        edits += [(reference.alias_at, reference.alias_at, reference.alias)] if reference.alias else []
        edits += [(start, end, "") for start, end in reference.qualifiers]
    return edited_text(query, edits)


@lru_cache(maxsize=1024)
def _references(query: str) -> tuple[Reference, ...]:
    found = words(query)
    first = found[0].text.upper() if found else ""
    _refuse_writing([word.text.upper() for word in found[:4]])
    if first in _ASKS_CATALOG:
        raise NotSupplied(
            f"{first} is not supplied in a query: an engine here knows no tables of a catalog. Name schema and table, "
            "and ask a DataFrame for its columns"
        )
    if first == "TABLE":
        raise NotSupplied("TABLE name as a query is not supplied: write SELECT * FROM name")
    if first not in QUERIES:
        return ()
    tree = query_tree(query)
    reader = _Reader(query, found)
    found_all = [one for table in tree.find_all(exp.Table) if (one := reader.reference(table))]
    return tuple(sorted(_with_qualifiers(tree, found_all), key=lambda one: one.start))


def _refuse_writing(first: list[str]) -> None:
    """Raises NotSupplied for a statement, of which these are the first words, that writes or makes a table."""
    written = first[:1] if first and first[0] in _REFUSED else []
    if first[:1] == ["CREATE"]:
        kind = next((word for word in first[1:] if word not in ("OR", "REPLACE")), "")
        written = ["CREATE", kind] if kind in _MADE else []
    if written:
        raise NotSupplied(
            f"{' '.join(written)} is no query: a pipeline writes its own datasets only, by their definitions"
        )


def query_tree(query: str) -> exp.Expr:
    """The tree of a query. Raises UserError with the line of what does not parse."""
    try:
        trees = [tree for tree in DIALECT.parse(query) if tree is not None]
    except SqlglotError as error:
        wrong = NotParsed(f"the query does not parse: {_shown(error)}")
        wrong.line = next((one["line"] for one in getattr(error, "errors", ())), None)
        raise wrong from None
    except AttributeError:
        # Some of sqlglot's own ways through `|>` are not finished.
        raise NotParsed("the query does not parse: write it without |>") from None
    if len(trees) != 1:
        raise UserError(f"one statement is expected, and the text has {len(trees)}")
    if any(not select.expressions for select in trees[0].find_all(exp.Select)):
        raise NotParsed("the query does not parse: a SELECT names no column")
    return trees[0]


def _shown(error: SqlglotError) -> str:
    details = getattr(error, "errors", None)
    if not details:
        return str(error)
    one = details[0]
    return f"{_what(one['description'])} at '{one['highlight']}' in its line {one['line']}"


def _what(description: str) -> str:
    """What sqlglot says, without the names of its own classes."""
    if description.startswith("Required keyword"):
        return "something is missing"
    return description.partition(" but got")[0].removeprefix("Invalid expression / ")


class _Reader:
    """Finds in the words of a query where each table of its tree stands."""

    def __init__(self, query: str, found: list[Word]) -> None:
        self._query = query
        self._words = found
        self._index = {word.start: number for number, word in enumerate(found)}

    def reference(self, table: exp.Table) -> Reference | None:
        parts = [part for part in table.parts if isinstance(part, exp.Identifier)]
        if isinstance(table.this, exp.Func):
            return self._files_read(table, table.this)
        if not parts or _is_named_by_with(table):
            return None
        first = self._index[parts[0].meta["start"]]
        last = self._index[parts[-1].meta["start"]]
        return self._reference(table, first, last, parts)

    def _reference(
        self, table: exp.Table, first: int, last: int, parts: list[exp.Identifier], files: Files | None = None
    ) -> Reference:
        name = self._query[self._words[first].start : self._words[last].end]
        begin, end, is_stream = self._with_stream(first, last)
        if len(parts) == 2 and parts[0].name.lower() in _FILE_FORMATS and "/" in parts[1].name:
            files = Files(parts[0].name.lower(), parts[1].name)
        alias = "" if _has_alias(table) or files else f" AS {quoted(parts[-1].name)}"
        return Reference(
            name,
            is_stream,
            self._words[begin].start,
            self._words[end].end,
            self._words[first].start,
            alias,
            self._behind_sample(end),
            files,
        )

    def _files_read(self, table: exp.Table, function: exp.Func) -> Reference | None:
        if not isinstance(function, exp.Anonymous):
            return None
        name = function.name.lower()
        if name in _FUNCTIONS:
            raise NotSupplied(f"{name} is not supplied on one machine: {_FUNCTIONS[name]}")
        first = self._index[function.meta["start"]]
        if name not in ("read_files", "cloud_files"):
            self._refuse_stream(name, first)
            return None
        last = self._closing(first + 1)
        read = self._reference(table, first, last, [], _files_of(name, function))
        if name == "cloud_files":
            return replace(read, is_stream=True)
        return read

    def _refuse_stream(self, function: str, first: int) -> None:
        if self._with_stream(first, first)[2]:
            raise NotSupplied(
                f"STREAM {function}(...) is not supplied on one machine: a stream reads a table, a view or files "
                "(read_files)"
            )

    def _with_stream(self, first: int, last: int) -> tuple[int, int, bool]:
        """The words of `STREAM x` or `STREAM(x)` around those of x."""
        before = self._words[first - 1] if first else None
        if before and before.is_("STREAM"):
            return first - 1, last, True
        if before and before.is_("(") and first > 1 and self._words[first - 2].is_("STREAM"):
            return first - 2, self._closing(first - 1), True
        return first, last, False

    def _behind_sample(self, last: int) -> int:
        next_words = self._words[last + 1 : last + 3]
        if len(next_words) == 2 and next_words[0].is_("TABLESAMPLE") and next_words[1].is_("("):
            last = self._closing(last + 2)
        return self._words[last].end

    def _closing(self, opening: int) -> int:
        depth = 0
        for number in range(opening, len(self._words)):
            depth += self._words[number].is_("(") - self._words[number].is_(")")
            if not depth:
                return number
        raise UserError("a parenthesis is not closed")


def _is_named_by_with(table: exp.Table) -> bool:
    """Whether the name is one that a WITH around the table defines there."""
    if table.args.get("db"):
        return False
    node, within = table, None
    while node is not None:
        within = node if isinstance(node, exp.CTE) else within
        clause = node.args.get("with_")
        if isinstance(clause, exp.With) and table.name.lower() in _visible(clause, within):
            return True
        node = node.parent
    return False


def _visible(clause: exp.With, within: exp.Expr | None) -> list[str]:
    """The names of a WITH that one of its own queries sees (those before it), or else the query below it (all)."""
    queries = clause.expressions
    places = [number for number, one in enumerate(queries) if one is within]
    if places and not clause.recursive:
        queries = queries[: places[0]]
    return [one.alias.lower() for one in queries]


def _has_alias(table: exp.Table) -> bool:
    node: exp.Expr | None = table
    while isinstance(node, exp.Table | exp.Subquery | exp.Stream):
        if node.args.get("alias"):
            return True
        node = node.parent
    return False


def _with_qualifiers(tree: exp.Expr, references: list[Reference]) -> list[Reference]:
    """The references with the places where columns name them by schema or catalog, which their alias lacks."""
    columns = [
        [part for part in column.parts if isinstance(part, exp.Identifier)]
        for column in tree.find_all(exp.Column)
    ]
    result = []
    for read in references:
        parts = [word.text.lower() for word in words(read.name) if not word.is_(".")]
        spans = [
            (column[0].meta["start"], column[len(parts) - 1].meta["start"])
            for column in columns
            if read.alias and len(parts) > 1 and _begins_with(column, parts)
        ]
        result.append(replace(read, qualifiers=tuple(spans)))
    return result


def _begins_with(column: list[exp.Identifier], parts: list[str]) -> bool:
    return [part.name.lower() for part in column[: len(parts)]] == parts


def _files_of(name: str, function: exp.Anonymous) -> Files:
    """What read_files(path, option => value, ...) or cloud_files(path, format, map(option, value, ...)) reads."""
    plain = [one for one in function.expressions if not isinstance(one, exp.Kwarg | exp.PropertyEQ)]
    options = {
        one.this.name: _constant(name, one.expression)
        for one in function.expressions
        if isinstance(one, exp.Kwarg | exp.PropertyEQ)
    }
    if not plain and "path" in options:
        path = options.pop("path")
    elif not plain:
        raise UserError(f"{name}: give the path of the files first")
    else:
        path = _constant(name, plain[0])
    if name == "read_files":
        schema = next((options.pop(key) for key in list(options) if key.lower() == "schema"), None)
        return Files(name, path, options, schema)
    if len(plain) > 1:
        options["cloudFiles.format"] = _constant(name, plain[1])
    if len(plain) > 2:
        options |= _map(name, plain[2])
    schema = next((options.pop(key) for key in list(options) if key.lower() == "schema"), None)
    return Files("cloudFiles", path, options, schema)


def _map(name: str, node: exp.Expr) -> dict[str, str]:
    if not isinstance(node, exp.VarMap | exp.Map):
        raise UserError(f"{name}: options are map('name', 'value', ...), not {node.sql(DIALECT)}")
    keys, values = (node.args[part].expressions for part in ("keys", "values"))
    return {_constant(name, key): _constant(name, value) for key, value in zip(keys, values, strict=True)}


def _constant(name: str, node: exp.Expr) -> str:
    """A literal's value as an option has it: text, and true and false in small letters."""
    if isinstance(node, exp.Literal):
        return node.name
    if isinstance(node, exp.Boolean):
        return str(node.this).lower()
    if isinstance(node, exp.Concat):
        return "".join(_constant(name, one) for one in node.expressions)
    if isinstance(node, exp.DPipe):
        return _constant(name, node.left) + _constant(name, node.right)
    raise UserError(f"{name}: {node.sql(DIALECT)} is no constant: write a string, a number, true or false")
