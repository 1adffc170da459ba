"""Clouds: one plugin each behind one protocol. Installs alone; knows nothing of the director."""
