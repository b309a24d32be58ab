"""The page as one file: every view is a section, styles and scripts stand inside, and nothing is asked of anybody."""

import base64
import hashlib
from collections.abc import Iterator

from markupsafe import Markup

from common.errors import UserError
from common.home import Home
from lakehouse.page.reading.lake import Lake
from lakehouse.page.rendering import Pages, section_id, to_section
from lakehouse.page.serving.app import STATIC
from lakehouse.page.views import EXPORTED, columns, dataset
from lakehouse.page.views.view import Context

SCRIPTS = ("theme.js", "page.js")


def exported_page(home: Home) -> str:
    """The HTML of a home's page; what identifies persons is left out. UserError where nothing was written yet."""
    context = Context(Lake(home), Pages(to_section, exported=True))
    try:
        if not context.lake.written:
            raise UserError(f"{home.path} holds no table yet: `lakehouse generate`, then `lakehouse run`")
        return _written(context)
    finally:
        context.lake.close()


def _written(context: Context) -> str:
    style = (STATIC / "page.css").read_text(encoding="utf-8")
    scripts = [(STATIC / name).read_text(encoding="utf-8") for name in SCRIPTS]
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; "
        f"script-src {' '.join(map(_hash, scripts))}; base-uri 'none'; form-action 'none'"
    )
    return context.page(
        "export",
        sections=[Markup(section) for section in _sections(context)],  # noqa: S704 - templates have escaped it
        style=Markup(style),  # noqa: S704 - a file of ours
        scripts=[Markup(text) for text in scripts],  # noqa: S704
        policy=policy,
    )


def _sections(context: Context) -> Iterator[str]:
    for name, view in EXPORTED.items():
        yield context.page(name, section=section_id(name), **view.content(context))
    for name in context.lake.datasets:
        values = dataset.content(context, name)
        yield context.page("dataset", section=section_id("dataset", name), **values)
    for template, table, column, values in columns.pages_of_columns(context):
        yield context.page(template, section=section_id("columns", table, column), **values)


def _hash(text: str) -> str:
    """What a policy names a script or style by that stands inline."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
