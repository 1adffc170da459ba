"""What the stand-ins of all clouds share: faults on demand, their store as a memory cloud, plans to plant faults in."""
