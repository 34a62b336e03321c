"""Making initial passwords and handing them over, encrypted or on a terminal; only this package knows pyrage."""
