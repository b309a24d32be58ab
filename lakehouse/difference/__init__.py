"""What a change of pipeline code does to the data: two revisions over the same raw files."""
