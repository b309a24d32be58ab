"""The Pipelines API: pipelines, their updates and events."""
