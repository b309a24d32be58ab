"""A Databricks workspace on one machine: the calls that the Terraform provider, the SDK and the job make.

It stands on minilake (users, groups, secrets, warehouses, queries, functions, half of Unity Catalog) and adds
what minilake lacks: pipelines, job runs, workspace files, grants that follow their object, durable state.
"""
