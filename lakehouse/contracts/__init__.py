"""Contracts of tables with their readers, in the Open Data Contract Standard."""
