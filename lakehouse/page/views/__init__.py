"""The views, one a module: what each shows, by its name in templates/."""

from lakehouse.page.views import data, dataset, figures, graph, quality, runs, sql

VIEWS = (figures, graph, dataset, quality, runs, data, sql)
EXPORTED = {"figures": figures, "graph": graph, "quality": quality, "runs": runs}
"""The views of an export, beside every dataset's; the first is seen first."""
