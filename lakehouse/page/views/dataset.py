"""One dataset: its columns, first rows, code, neighbours and history."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from common.checkout import REPOSITORY
from lakehouse.page.reading.column_facts import column_facts, declared_rules
from lakehouse.page.reading.lake import Lake, LakeDataset
from lakehouse.page.reading.rows import rows_page
from lakehouse.page.reading.traced import cell_origins
from lakehouse.page.views.view import Context, Here
from local.engine.storage.delta import open_table
from local.engine.storage.log import table_path

router = APIRouter()
FIRST_ROWS = 8
HISTORY = 12


def content(context: Context, name: str) -> dict[str, Any]:
    """What the template shows of a dataset; UserError for a name that is none."""
    lake = context.lake
    dataset = lake.dataset(name)
    is_written = open_table(table_path(lake.home.warehouse, name)) is not None
    columns = column_facts(lake, name)
    first = rows_page(lake.table(name), {}, None, 0, FIRST_ROWS) if is_written else None
    return {
        "dataset": dataset,
        "files": [lake.home.kept(file) for file in dataset.files],
        "columns": columns,
        "personal": {column.name for column in columns if column.personal},
        "first": first,
        "origins": cell_origins(name, first, columns) if first and not context.pages.exported else None,
        "code": _code(dataset),
        "readers": lake.readers(name),
        "rules": declared_rules(dataset.name),
        "history": _history(lake, name),
    }


def _code(dataset: LakeDataset) -> tuple[str, str] | None:
    """The file that defines a dataset: its name below the repository, and its text."""
    folder = f"pipelines/{dataset.pipeline}/"
    named = f"{dataset.short_name}."
    own = [file for file in dataset.code if file.startswith(folder)]
    found = next((file for file in own if Path(file).name.startswith(named)), own[0] if own else None)
    path = REPOSITORY / found if found else None
    return (str(found), path.read_text(encoding="utf-8")) if path and path.is_file() else None


def _history(lake: Lake, name: str) -> list[Any]:
    found = [(update, step) for update in lake.updates for step in update.steps if step.dataset == name]
    return found[:HISTORY]


@router.get("/dataset/{name}", response_class=HTMLResponse)
def dataset(context: Here, name: str) -> str:
    """The page."""
    return context.page("dataset", **content(context, name))
