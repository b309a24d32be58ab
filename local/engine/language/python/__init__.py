"""What a Python file of a pipeline finds: the modules of Lakeflow, dbutils, and the names of a notebook."""
