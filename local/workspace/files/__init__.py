"""The Workspace API: folders and files."""
