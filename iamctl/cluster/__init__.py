"""A Dask cluster as the engine of a run: how to reach it, how to run its parts, and what it may do with a task.

Only this package knows Dask. Nothing here knows what a task does.
"""
