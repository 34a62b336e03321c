"""The cases of the ordering benchmark: what moves, and how many CPU seconds ordering ten thousand calls may take."""

CASES = {"everything": 10.0, "memberships": 1.0}
"""``everything`` is documents, attachments and memberships."""
