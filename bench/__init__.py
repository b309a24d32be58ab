"""How fast the lakehouse is, as ratios measured in one run (see docs/scale.md)."""
