"""Runs a pipeline's files, so that they define what the pipeline consists of."""
