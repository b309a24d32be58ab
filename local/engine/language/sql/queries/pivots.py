"""PIVOT (... FOR column IN ...), of which Sail wants the column in parentheses."""

from local.engine.language.sql.blocks import QueryText
from local.engine.language.sql.edits import Edit


def with_pivots_in_parentheses(text: QueryText) -> list[Edit]:
    """The edits that put them there."""
    edits = []
    for pivot in range(len(text.words) - 1):
        if text.is_(pivot, "PIVOT") and text.is_(pivot + 1, "("):
            opening, depth = pivot + 1, text.depths[pivot + 1] + 1
            inside = range(opening + 1, text.closing(opening))
            level = [number for number in inside if text.depths[number] == depth]
            first = next((number + 1 for number in level if text.is_(number, "FOR")), None)
            end = next(
                (number for number in level if first and number > first and text.is_(number, "IN")), None
            )
            if first and end and not text.is_(first, "("):
                edits.append((text.words[first].start, text.words[end - 1].end, f"({text.of(first, end)})"))
    return edits
