"""Calls the query functions with what is new to them, and counts expectations."""
