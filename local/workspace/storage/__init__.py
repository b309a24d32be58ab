"""What the workspace remembers, and where."""
