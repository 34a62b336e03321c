"""Desired beside live: scope, differences, settings, members."""
