"""The views, one a module: what each shows, by its name in templates/."""

from lakehouse.page.views import columns, data, dataset, figures, graph, quality, runs, sql, traces

VIEWS = (figures, graph, dataset, columns, quality, runs, data, sql, traces)
EXPORTED = {"figures": figures, "graph": graph, "columns": columns, "quality": quality, "runs": runs}
"""The views of an export, beside every dataset's; the first is seen first."""
