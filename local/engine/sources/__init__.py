"""Auto Loader and the other readers of files."""
