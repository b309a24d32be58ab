"""Expressions as SQL writes them, in which single calls are written anew."""
