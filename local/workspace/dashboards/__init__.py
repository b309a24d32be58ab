"""AI/BI dashboards, as the Lakeview API has them."""
