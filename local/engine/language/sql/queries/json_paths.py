"""`column:path.of[0].members`, as get_json_object(column, '$.path.of[0].members')."""

from common.sql_text import literal
from local.engine.language.sql.blocks import QueryText
from local.engine.language.sql.edits import Edit

_TYPES = ("STRUCT", "MAP", "ARRAY")


def without_paths(text: QueryText) -> list[Edit]:
    """The edits that write each path anew. A path in a path is not looked for."""
    return [
        _call(text, number)
        for number in range(1, len(text.words) - 1)
        if text.is_(number, ":") and _is_path(text, number)
    ]


def _is_path(text: QueryText, colon: int) -> bool:
    before, sign = text.words[colon - 1], text.words[colon]
    is_value = not before.is_string and (
        before.text[-1].isalnum() or before.text[-1] in "_)]" or before.is_quoted
    )
    # A type's field has a colon, too: STRUCT<a: INT>; and a marker, with a blank before it: WHERE x = :y.
    return is_value and before.end == sign.start and not _is_in_type(text, colon)


def _is_in_type(text: QueryText, colon: int) -> bool:
    depth = 0
    for number in range(colon, -1, -1):
        depth += text.is_(number, ">") - text.is_(number, "<")
        if depth < 0:
            return any(text.is_(number - 1, kind) for kind in _TYPES)
    return False


def _call(text: QueryText, colon: int) -> Edit:
    first, end, path = _begin(text, colon - 1), colon + 1, "$"
    while True:
        if text.is_(end, "["):
            closing = text.closing(end)
            path += text.of(end, closing + 1)
            end = closing + 1
        else:
            path += f".{text.words[end].text}"
            end += 1
        if text.is_(end, "."):
            end += 1
        elif not text.is_(end, "["):
            break
    value = text.of(first, colon)
    is_variant = text.is_(first, "PARSE_JSON") or text.is_(first, "TRY_PARSE_JSON")
    anew = f"{'variant_get' if is_variant else 'get_json_object'}({value}, {literal(path)})"
    return text.words[first].start, text.words[end - 1].end, anew


def _begin(text: QueryText, last: int) -> int:
    """The first word of the column or call that ends at `last`."""
    first = last
    while True:
        if text.is_(first, ")") or text.is_(first, "]"):
            depth = text.depths[first]
            first = next(number for number in range(first - 1, -1, -1) if text.depths[number] == depth)
            is_call = text.is_(first, "[") or text.words[first - 1].text[0].isalpha()
            first -= is_call and first > 0
            continue
        if not text.is_(first - 1, "."):
            return first
        first -= 2
