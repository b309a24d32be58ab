"""Drift: what the workspace holds, compared with what the synthesized stack declares.

Read rights are enough; neither Terraform nor its state is asked.
"""
