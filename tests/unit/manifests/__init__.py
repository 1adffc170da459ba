"""What we ship as data: manifests, cloud configs, releases, and the programs inside them."""
