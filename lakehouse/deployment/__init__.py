"""Deployments to a workspace without Terraform's provider, and the rehearsal."""
