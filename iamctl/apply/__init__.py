"""Running the calls of a plan, one after the other, and the journal of what became of them."""
