"""The commands below ``iamctl sandbox``: the embedded IAM."""
