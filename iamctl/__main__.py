"""Runs ``python -m iamctl``."""

from iamctl.process import main

if __name__ == "__main__":
    main()
