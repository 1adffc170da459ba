"""Environments and deployments: as wanted, as recorded, as observed."""
