"""input_file_name(): the path of the file that a row was read from, which rows of files have in `_metadata`."""

from typing import Any

from local.engine.evaluating.seen_plan import messages_by_kind

FUNCTION = "input_file_name"
PATH = "_metadata.file_path"


def path_in_text(text: str) -> str:
    """SQL, a query or an expression, with the path in the place of each call of the function."""
    if FUNCTION not in text.lower():
        return text
    # What reads SQL takes a moment to import, and most pipelines are Python.
    from local.engine.language.sql.edits import edited_text
    from local.engine.language.sql.words import words

    found = words(text)
    calls = [
        (one.start, closing.end, PATH)
        for one, opening, closing in zip(found, found[1:], found[2:], strict=False)
        if one.is_(FUNCTION.upper()) and opening.is_("(") and closing.is_(")")
    ]
    return edited_text(text, calls)


def put_path(request: Any) -> None:
    """The same in the plan of a request (of Spark Connect), which is changed."""
    if FUNCTION.encode() not in request.SerializeToString():
        return
    kinds = messages_by_kind(request)
    for expression in kinds.get("Expression", ()):
        if expression.unresolved_function.function_name.lower() == FUNCTION:
            expression.unresolved_attribute.unparsed_identifier = PATH
    for text in kinds.get("ExpressionString", ()):
        text.expression = path_in_text(text.expression)
