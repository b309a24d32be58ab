"""What one machine needs to stand in for a Databricks workspace: nothing here is uploaded."""
