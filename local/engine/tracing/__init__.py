"""Which rows of the tables that a query reads come into each of its rows."""
