"""OpenStack: Nova, Neutron, Cinder, Glance, Swift."""
