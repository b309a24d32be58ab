"""Takes a person out: here, of tables and files; in a workspace, by its job."""
