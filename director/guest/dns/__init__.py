"""Answers of the VM's own DNS server: names of instances, the rest from the resolvers that the VM had."""
