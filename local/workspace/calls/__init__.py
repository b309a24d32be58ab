"""What every call works with: the workspace it asks, its errors, and lists a page at a time."""
