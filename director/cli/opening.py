"""A session for one command: progress watched, a sign of life kept, everything closed at the end.

Takes a Shell, gives a Session.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from director.app.sessions.environment_files import ReadFile
from director.app.sessions.session import Session
from director.app.wiring import sessions
from director.cli import near_end, page_process
from director.cli.options import Shell
from director.cli.terminal import watching


@contextmanager
def session(shell: Shell) -> Iterator[Session]:
    """Open the world of the shell's environment, with progress on standard error."""
    with (
        watching.watching(shell.terminal) as watcher,
        sessions.open_session(shell.settings, watcher) as opened,
        shell.interrupts.cancelling(opened.world.runner.cancel),
    ):
        near_end.tell(shell, opened.world.store)
        yield opened


@contextmanager
def task(shell: Shell, read: ReadFile | None = None) -> Iterator[Session]:
    """The same for commands that change something: as a new task, which ends with what is raised within.

    `read` is the environment's file where it is another than its own.
    """
    with (
        watching.watching(shell.terminal) as watcher,
        sessions.open_task(
            shell.settings,
            sessions.TaskControl(watcher=watcher, interrupt=shell.interrupts.interrupt, read=read),
            caller=shell.caller,
            deployment=shell.deployment,
        ) as opened,
        shell.interrupts.cancelling(opened.world.runner.cancel),
        _page_offered(shell, opened.task),
    ):
        near_end.tell(shell, opened.world.store)
        yield opened


@contextmanager
def _page_offered(shell: Shell, task: int) -> Iterator[None]:
    """Print the address of a page of the task: where a person sees it, or where it is requested.

    A machine that gives no socket or process for it does not stop the work.
    """
    is_wanted = shell.terminal.is_tty and not shell.terminal.is_json if shell.is_watched is None else shell.is_watched
    with ExitStack() as serving:
        if is_wanted:
            try:
                page = serving.enter_context(page_process.page_process(shell.settings, task))
            except OSError as error:
                line = f"No page of this task: {error.strerror or error}."
            else:
                line = f"Watch: {page.url}"
            with shell.terminal.pausing():
                shell.terminal.note([line])
        yield


@contextmanager
def quiet_session(shell: Shell) -> Iterator[Session]:
    """The same for commands that only look: no progress is drawn, and only what a person must do is shown."""
    with _looking(shell, watching.Prompts(shell.terminal)) as opened:
        yield opened


@contextmanager
def remarking_session(shell: Shell, read: ReadFile | None = None) -> Iterator[Session]:
    """The same for a plan that is only shown: also reports the clouds' remarks."""
    with _looking(shell, watching.Remarks(shell.terminal), read) as opened:
        yield opened


@contextmanager
def _looking(shell: Shell, watcher: watching.Prompts, read: ReadFile | None = None) -> Iterator[Session]:
    with (
        sessions.open_session(shell.settings, watcher, read) as opened,
        shell.interrupts.cancelling(opened.world.runner.cancel),
    ):
        near_end.tell(shell, opened.world.store)
        yield opened
