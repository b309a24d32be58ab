"""Runs Lakeflow pipelines on one machine: Sail by Spark Connect, Delta by delta-rs, and Apache Spark second."""
