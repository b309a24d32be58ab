"""What a command writes: rows, findings, and how far an update is."""
