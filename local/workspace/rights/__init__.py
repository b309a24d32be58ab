"""Who may do what: every call passes the table of `operations` before it reaches its handler."""
