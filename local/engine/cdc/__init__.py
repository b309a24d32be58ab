"""AUTO CDC: targets kept by the keys of new change events (SCD types 1 and 2), and by snapshots."""
