"""Says what of a pipeline is wrong before it runs: queries are analysed over tables without rows."""
