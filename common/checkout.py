"""Where this repository's checkout stands, whose code runs."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
