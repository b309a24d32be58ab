"""The types of expressions, told from the plan where that is enough and asked of Sail where not."""
