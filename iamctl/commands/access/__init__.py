"""``iamctl access``: who may do what, one module for each command."""
