"""AUTO CDC, kept by the keys of new events."""
