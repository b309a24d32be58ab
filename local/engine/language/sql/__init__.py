"""The SQL of a pipeline: its statements, and what its queries read. Read by a tokenizer and a parser, never as text."""
