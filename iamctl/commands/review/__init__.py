"""One function for each command below ``iamctl review``."""
