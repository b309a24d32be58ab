"""One part of the stack a module; each takes the resources it refers to, and rebuilds none of their names."""
