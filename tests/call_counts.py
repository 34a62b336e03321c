"""Counts the requests that a session sends."""

from collections import Counter


def count_calls(session):
    """Return a count of requests by operation that grows as clients which the session makes from now on are used.

    Retries of one call count once each time they are sent.
    """
    counts = Counter()

    def count(event_name, **_):
        counts[event_name.rsplit(".", 1)[-1]] += 1

    session.events.register_first("before-send", count)
    return counts
