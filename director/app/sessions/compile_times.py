"""How long packages took to compile, kept from run to run: the longest are compiled first.

Takes a Session and a run, gives seconds by package name.
"""

from director.actions.compile_package import CompilePackage
from director.app.sessions.session import Session
from director.model.tasks.entries import Begun, Done, Run


def save_compile_times(session: Session, run: Run) -> None:
    """Add what this run compiled."""
    works = {action.id: action.work for action in run.plan.actions}
    names = {at: work.package.name for at, work in works.items() if isinstance(work, CompilePackage)}
    if not names:
        return
    entries = session.world.journal.read_entries(run.id)
    begun = {entry.action: entry.at for entry in entries if isinstance(entry, Begun)}
    done = {entry.action: entry.at for entry in entries if isinstance(entry, Done) and entry.action in names}
    session.world.store.save_compile_times(
        {names[action]: round(at - begun[action], 3) for action, at in done.items() if action in begun}
    )
