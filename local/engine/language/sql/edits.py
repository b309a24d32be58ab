"""Other text in places of a text."""

from collections.abc import Callable, Sequence

from pyspark.sql.types import StructField

# From a place to behind another, and what comes there.
Edit = tuple[int, int, str]
# The names of the columns of a query, by its text.
ColumnsOf = Callable[[str], list[str]]
# The columns of a query, by its text; raises PySparkException for one that is wrong.
FieldsOf = Callable[[str], Sequence[StructField]]


def edited_text(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits, which do not overlap."""
    parts, done = [], 0
    for start, end, other in sorted(edits, key=lambda edit: edit[:2]):
        parts += [text[done:start], other]
        done = end
    return "".join([*parts, text[done:]])
