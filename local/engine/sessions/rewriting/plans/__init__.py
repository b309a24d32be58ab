"""Plans of Spark Connect, in which single calls are written anew."""
