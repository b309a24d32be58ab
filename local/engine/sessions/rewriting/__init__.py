"""Plans written anew on their way to Sail, so that it answers what Apache Spark answers."""
