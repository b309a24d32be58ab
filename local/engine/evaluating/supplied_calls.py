"""Puts into plans what stands in the place of calls whose answer no engine here knows."""

from collections.abc import Mapping
from typing import Any

from common.sql_text import literal
from local.engine.evaluating.seen_plan import messages_by_kind
from local.engine.language.sql.supplied import FILE_NAME, PATH, with_supplied


def put_supplied(plan: Any, values: Mapping[str, str]) -> None:
    """The same as `with_supplied` for a plan (of Spark Connect), which is changed; for spark.catalog, too."""
    asked = plan.root.catalog.WhichOneof("cat_type")
    if asked in values:
        plan.root.sql.query = f"SELECT {literal(values[asked])}"
        return
    in_bytes = plan.SerializeToString().lower()
    if not any(name.encode() in in_bytes for name in (FILE_NAME, *values)):
        return
    kinds = messages_by_kind(plan)
    for expression in kinds.get("Expression", ()):
        # One that is called by F.call_function stands elsewhere.
        called = expression.unresolved_function.function_name or expression.call_function.function_name
        name = called.lower()
        if name == FILE_NAME:
            expression.unresolved_attribute.unparsed_identifier = PATH
        elif name in values:
            expression.literal.string = values[name]
    for text in kinds.get("ExpressionString", ()):
        text.expression = with_supplied(text.expression, values)
