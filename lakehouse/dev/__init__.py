"""The dev engine: one process that keeps Spark up for a home, and how other commands reach it."""
