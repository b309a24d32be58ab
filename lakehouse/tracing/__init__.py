"""`lakehouse trace`: from a row back to the rows and the lines that it comes from."""
