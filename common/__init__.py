"""What every part may import: the error that a user can act on, and where code and a lakehouse's files stand."""
