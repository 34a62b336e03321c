"""The command line: its commands, options, streams, signals and exit codes."""
