"""Linked templates by https://.

Takes nothing, gives what reads them.
"""

from director.edge.downloads.linked_templates import LinkedTemplates


def open_links() -> LinkedTemplates:
    """For one command, which reads each address once."""
    return LinkedTemplates()
