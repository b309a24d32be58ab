"""Queries of Databricks SQL written as the engine takes them."""
