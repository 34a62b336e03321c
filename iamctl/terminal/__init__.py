"""What reaches the terminal: reports, progress, questions."""
