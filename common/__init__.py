"""What every part may import: the error that a user can act on, and where a lakehouse keeps its files."""
