"""Templates: everything that they put in is escaped."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lakehouse.page.drawing import words

TEMPLATES = Path(__file__).parent / "templates"
TITLES = {
    "figures": "Figures",
    "graph": "Graph",
    "columns": "Columns",
    "quality": "Quality",
    "runs": "Runs",
    "data": "Data",
    "sql": "SQL",
}
# What an export cannot have.
AT_SERVER = ("data", "sql")
# Views that stand below another one.
BELOW = {
    "graph": ("graph", "dataset"),
    "columns": ("columns", "columns_of_table", "column"),
    "data": ("data", "rows", "trace"),
}
Link = Callable[..., str]


def to_server(view: str, name: str = "", **query: Any) -> str:
    """The address of a view at the server; `name` is the dataset or the update that it shows."""
    path = f"/{view}/{quote(name, safe='')}" if name else f"/{view}"
    given = {key: value for key, value in query.items() if value not in (None, "", False)}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def to_section(view: str, name: str = "", column: str = "", **_: Any) -> str:
    """The place of a view within the one file of an export."""
    return f"#{section_id(view, name, column)}"


def section_id(view: str, name: str = "", column: str = "") -> str:
    """The id of a view's section; what is quoted holds no slash."""
    parts = [quote(one, safe="") for one in (name, column) if one]
    return f"{view}-{'/'.join(parts)}" if parts else view


class Pages:
    """Renders templates/<name>.html; `link` says where views are, `exported` that there is no server."""

    def __init__(self, link: Link, *, exported: bool = False) -> None:
        self.exported = exported
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            link=link,
            exported=exported,
            layout="section.html" if exported else "base.html",
            titles={view: title for view, title in TITLES.items() if not exported or view not in AT_SERVER},
            below=BELOW,
        )
        self._environment.filters.update(words.FILTERS)

    def render(self, name: str, **values: Any) -> str:
        """The text of a template with values."""
        return self._environment.get_template(f"{name}.html").render(values)
