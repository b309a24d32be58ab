"""What is put in the place of a call that Sail would answer otherwise than Spark."""
