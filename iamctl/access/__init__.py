"""Who may do what: one home for all that is known of it."""
