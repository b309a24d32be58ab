"""The two engines, by name."""

from typing import Literal

EngineName = Literal["sail", "spark"]
# Sail, and Apache Spark for what Sail lacks; or one of them alone.
EngineChoice = Literal["auto", "sail", "spark"]
