"""Plans, guards and applies a stack with Terraform."""
