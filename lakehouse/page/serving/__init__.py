"""Who may ask, and what answers."""
