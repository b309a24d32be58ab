"""What an update has to do: the record of what ran, and which tables can have changed since."""
