"""Databricks AI/BI dashboards (`.lvdash.json`) on one machine: read, asked as SQL, and drawn by Vega-Lite."""
