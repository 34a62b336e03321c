"""What a report says; all wording."""
