"""What a check finds, and the codes by which findings are known."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from local.engine.language.model import Place

Level = Literal["error", "note"]


class Code(StrEnum):
    """The kinds of findings; docs/check.md says what each means."""

    FILE = "file"
    NOT_SUPPLIED = "not-supplied"
    DEFINITION = "definition"
    DUPLICATE_NAME = "duplicate-name"
    UNKNOWN_TABLE = "unknown-table"
    CYCLE = "cycle"
    UNKNOWN_COLUMN = "unknown-column"
    EXPECTATION = "expectation"
    CDC_COLUMN = "cdc-column"
    DECLARED_COLUMN = "declared-column"
    STREAM = "stream"
    QUERY = "query"
    NOT_CHECKED = "not-checked"


MEANINGS = {
    Code.FILE: "a file, a notebook or a statement cannot be read",
    Code.NOT_SUPPLIED: "a feature that one machine does not have",
    Code.DEFINITION: "a dataset or a flow is defined in a way that Lakeflow does not take",
    Code.DUPLICATE_NAME: "two datasets, flows or expectations have one name",
    Code.UNKNOWN_TABLE: "a query reads a table that nobody defines",
    Code.CYCLE: "datasets read each other in a circle",
    Code.UNKNOWN_COLUMN: "a query names a column that its source lacks",
    Code.EXPECTATION: "an expectation does not parse or names a column that the rows lack",
    Code.CDC_COLUMN: "AUTO CDC names a column that its source lacks",
    Code.DECLARED_COLUMN: "the columns that a table declares are not those of its query",
    Code.STREAM: "a stream is read where none may be, or none where one must",
    Code.QUERY: "a query fails for another reason",
    Code.NOT_CHECKED: "what only a run can tell",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, with its line and what to do; `dataset` is the one that it is about, if any."""

    code: Code
    place: Place
    message: str
    pipeline: str
    dataset: str = ""

    @property
    def level(self) -> Level:
        """A note says what was left out of the check; everything else would stop an update."""
        return "note" if self.code == Code.NOT_CHECKED else "error"


Tell = Callable[[Code, Place, str, str], None]
"""Is given the code, the line, what is wrong, and the dataset (empty for none)."""
