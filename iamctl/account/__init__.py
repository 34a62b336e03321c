"""The live account as data."""
