"""The guest's DNS server, without sockets."""
