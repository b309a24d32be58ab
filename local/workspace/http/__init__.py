"""The server: its routes, who may call it, and the form of its errors."""
