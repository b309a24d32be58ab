"""An Olist-like world of raw CSV files and change events; each run continues it (docs/generator.md)."""
