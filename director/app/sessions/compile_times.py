"""How long packages took to compile, kept from run to run: the longest are compiled first.

Takes journal entries, gives seconds by package name.
"""

import json
from collections.abc import Mapping

from director.actions.compile_package import CompilePackage
from director.app.sessions.session import Session
from director.model.tasks.entries import Begun, Done, Run

_FILE = "compile-times.json"


def load_compile_times(session: Session) -> Mapping[str, float]:
    """Seconds by package name; empty before the first compile."""
    path = f"{session.settings.home}/{_FILE}"
    if not session.files.is_there(path):
        return {}
    try:
        kept = json.loads(session.files.read_source(path).content)
        return {str(name): float(took_s) for name, took_s in kept.items()}
    except (ValueError, AttributeError):
        return {}  # only an estimate: a broken file is as good as none


def save_compile_times(session: Session, run: Run) -> None:
    """Add what this run compiled."""
    works = {action.id: action.work for action in run.plan.actions}
    names = {at: work.package.name for at, work in works.items() if isinstance(work, CompilePackage)}
    if not names:
        return
    entries = session.world.journal.read_entries(run.id)
    begun = {entry.action: entry.at for entry in entries if isinstance(entry, Begun)}
    done = {entry.action: entry.at for entry in entries if isinstance(entry, Done) and entry.action in names}
    took = {names[action]: at - begun[action] for action, at in done.items()}
    known = {**load_compile_times(session), **{name: round(took_s, 3) for name, took_s in took.items()}}
    session.files.write_private(f"{session.settings.home}/{_FILE}", json.dumps(known, indent=1, sort_keys=True))
