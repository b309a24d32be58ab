"""The comparisons: pure functions over what is declared and a snapshot, one concern a module."""
