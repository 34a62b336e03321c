"""What iamctl costs: AWS calls, CPU and memory for generated accounts. Run by ``make bench``."""
