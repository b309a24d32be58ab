"""What the datasets share: reading, cleaning, rules, and which of two rows wins."""
