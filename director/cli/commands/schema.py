"""`compleat schema`: the JSON Schema of a document, for editors.

Takes a document's name, gives its schema.
"""

import click

from director.cli import options
from director.text import json_schemas


@click.command("schema", epilog="Example: `compleat schema manifest`")
@click.argument("document", type=click.Choice(list(json_schemas.DOCUMENTS)), metavar="DOCUMENT")
@options.of_environment
def command(shell: options.Shell, /, *, document: str) -> None:
    """Print the JSON Schema of DOCUMENT: manifest, cloud-config, runtime-config, cpi-config, environment or bundle.

    Editors check and complete documents by it.
    """
    shell.terminal.say_json(json_schemas.schema_of(document))
