"""Runs Lakeflow pipelines on open-source Spark Declarative Pipelines with Delta."""
