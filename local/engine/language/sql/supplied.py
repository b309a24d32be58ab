"""Calls whose answer no engine here knows: the file of a row, the catalog and schema of a pipeline."""

from collections.abc import Mapping

from common.sql_text import literal

FILE_NAME = "input_file_name"
# Rows of files have it among their hidden columns.
PATH = "_metadata.file_path"


def current_names(catalog: str, schema: str) -> dict[str, str]:
    """What functions give where these are the current catalog and schema, by name."""
    return {"current_catalog": catalog, "current_schema": schema, "current_database": schema}


def with_supplied(text: str, values: Mapping[str, str]) -> str:
    """SQL, a query or an expression, with a row's path, or a string, in the place of each call of these functions."""
    in_small = text.lower()
    if not any(name in in_small for name in (FILE_NAME, *values)):
        return text
    # What reads SQL takes a moment to import, and most pipelines are Python.
    from local.engine.language.sql.edits import edited_text
    from local.engine.language.sql.words import words

    instead = {FILE_NAME: PATH} | {name: literal(value) for name, value in values.items()}
    found = words(text)
    calls = [
        (one.start, closing.end, instead[one.text.lower()])
        for one, opening, closing in zip(found, found[1:], found[2:], strict=False)
        if not one.is_quoted and one.text.lower() in instead and opening.is_("(") and closing.is_(")")
    ]
    return edited_text(text, calls)
