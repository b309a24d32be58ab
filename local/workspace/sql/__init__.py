"""SQL statements: queries on the tables of the warehouse, with the rights of whoever asks."""
