"""The commands of `lakehouse`, a module each."""
