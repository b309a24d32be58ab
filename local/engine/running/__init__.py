"""One update of a pipeline: what runs, in which order, and what it tells."""
