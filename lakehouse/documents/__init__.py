"""The pages of docs/ that are written from the code: the data dictionary and what of Lakeflow runs."""
