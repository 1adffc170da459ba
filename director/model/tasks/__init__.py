"""Tasks, plans and what a journal holds of them."""
