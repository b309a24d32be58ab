"""The Jobs API: jobs, runs and tasks."""
