"""Runs ``python -m iamctl``."""

from iamctl.cli import main

if __name__ == "__main__":
    main()
