"""How the tables and their pipelines are, by what the event logs say."""
