"""What the workflows ask: which environments a change touches, and which plan was reviewed."""
