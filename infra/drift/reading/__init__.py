"""The workspace as it is, read by parallel calls that change nothing."""
