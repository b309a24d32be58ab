"""Writes what a query gives: tables, targets of AUTO CDC, sinks; one commit each."""
