"""Rules on a plan or on the live account; `validate` imports none of them."""
