"""The command line `lakehouse`, what it shows, and the main job of this repository."""
