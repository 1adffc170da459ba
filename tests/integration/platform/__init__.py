"""The platform's release on a machine made of namespaces: packages compiled, jobs started and used by hand."""
