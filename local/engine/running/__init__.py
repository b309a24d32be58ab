"""One update: calls the query functions in order, counts expectations, commits."""
