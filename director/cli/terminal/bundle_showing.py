"""A bundle as one signed file, on the terminal.

Takes a SignedBundle, shows it.
"""

from director.cli.terminal.terminal import Terminal
from director.model import as_data
from director.model.releases.bundle_file import SignedBundle


def show_bundle_file(terminal: Terminal, bundle: SignedBundle, done: str) -> None:
    """Its name, size and who signed it; as JSON with every file."""
    if terminal.is_json:
        files = [as_data.encode(one) for one in bundle.files]
        terminal.say_json(
            {
                "schema": "compleat.bundle-file/1",
                "name": bundle.name,
                "size": bundle.size,
                "digest": bundle.digest,
                "key": bundle.key,
                "files": files,
            }
        )
        return
    size = f"{len(bundle.files)} files, {bundle.size / (1 << 20):.1f} MiB"
    terminal.say([f"Bundle '{bundle.name}' {done}: {size}, signed by", f"  {bundle.key}"])
