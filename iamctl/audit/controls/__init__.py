"""The controls, one module for each topic."""
