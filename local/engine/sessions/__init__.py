"""The two engines behind Spark Connect: Sail, embedded, and Apache Spark."""
