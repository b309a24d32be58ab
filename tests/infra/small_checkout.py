"""A checkout with one file of each kind that the stack uploads, so that a deployment of it takes seconds."""

from pathlib import Path

from infra.stack.constructs.dashboards import DASHBOARD_FILE

SOURCES = (
    "pipelines/medallion/a.py",
    "pipelines/cdc/b.py",
    "pipelines/quality/c.py",
    "pipelines/gate/d.py",
    "pipelines/gold/e.py",
    "pipelines/privacy/f.py",
    "generate_task.py",
    "erase_task.py",
)


def write_small_checkout(folder: Path) -> None:
    """Write it into `folder`; each file says its own name."""
    for source in SOURCES:
        file = folder / source
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {source}\n")
    (folder / DASHBOARD_FILE).parent.mkdir()
    (folder / DASHBOARD_FILE).write_text("{}")
