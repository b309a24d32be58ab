"""What a reviewer needs of a Terraform plan: pure functions over the output of `terraform show -json`."""
