"""Delta tables on the disk, by delta-rs: rows, counts and progress in one commit."""
