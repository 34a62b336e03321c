"""Creates initial passwords and delivers them, encrypted or on a terminal; only this package imports pyrage."""
