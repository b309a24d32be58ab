"""The stack: its constructs, one typed configuration an environment, and its synthesis."""
