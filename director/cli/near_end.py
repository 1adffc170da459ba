"""What every command says when the end of the environment is near.

Takes a Shell and the state store, writes to standard error.
"""

from director.app.sessions import near_ends
from director.cli.options import Shell
from director.ports.state_store import StateStore


def tell(shell: Shell, store: StateStore) -> None:
    """In the last hour before the end, and after it while the environment is still there."""
    name = shell.settings.environment
    near = near_ends.near_end(store, name, shell.caller.at)
    if near is not None:
        with shell.terminal.pausing():
            shell.terminal.note([f"remark: {near_ends.end_words(name, near)} (environment-ends)"])
