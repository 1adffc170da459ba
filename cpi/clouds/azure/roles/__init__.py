"""Roles on scopes, and the identity of the jumpbox that ends an environment by one."""
