"""What must be there before the first deployment, as a stack of its own that an account administrator applies."""
