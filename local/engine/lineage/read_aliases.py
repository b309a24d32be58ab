"""Aliases by which a plan says where rows come from; those of the pipeline's own code stand around them."""

READ = "__read:"
"""Before the name of a table, or the path of files."""
GIVEN = "__given:"
"""Before the name of a view, whose rows were written to files."""
