"""Child processes that end with the workspace."""
