"""Lineage by column over the whole lakehouse: what feeds a column, what it feeds, and how it is written down."""
