"""Taking a person out: by whom the rows are, in which tables and files, and what is kept so that nothing returns."""
