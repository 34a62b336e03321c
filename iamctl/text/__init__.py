"""Small pure functions on text that every layer may use."""
