"""What a pipeline file may write: Python, SQL, AUTO CDC and expectations, as Databricks documents them."""
