"""The Lakeflow pipelines of the lakehouse and what they share: schemas, rules and cleaning."""
