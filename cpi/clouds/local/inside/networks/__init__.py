"""Networks, public addresses and the host's side of them."""
