"""The views, one a module: what each shows, by its name in templates/."""

from lakehouse.page.views import data, dataset, graph, quality, runs, sql

VIEWS = (graph, dataset, quality, runs, data, sql)
EXPORTED = {"graph": graph, "quality": quality, "runs": runs}
"""The views of an export, beside every dataset's; the first is seen first."""
