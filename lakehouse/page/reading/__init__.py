"""What the page shows, read from a home; no engine but for SQL."""
