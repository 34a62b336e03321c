"""Runs the calls of a plan one by one, and records their outcomes in a journal."""
