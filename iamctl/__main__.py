"""Runs ``python -m iamctl``."""

from iamctl.cli.process import main

if __name__ == "__main__":
    main()
