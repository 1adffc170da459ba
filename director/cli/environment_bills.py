"""What an environment of the home costs, also one that the command does not name.

Takes a Shell and an environment's name, gives a Bill.
"""

from dataclasses import replace

from cpi.contract.errors import ExplainedError
from director.app.checks import overviews
from director.app.wiring import sessions
from director.cli.options import Shell
from director.cli.terminal import watching
from director.model.ids import EnvironmentName
from director.model.report import Bill


def read_bill(shell: Shell, name: EnvironmentName) -> Bill:
    """By the price lists that the clouds ship; no cloud is asked.

    Nothing is known of an environment whose file is gone or wrong, or whose cloud's package is missing.
    """
    settings = replace(shell.settings, environment=name)
    try:
        with sessions.open_session(settings, watching.Prompts(shell.terminal)) as session:
            return overviews.recorded_bill(session)
    except ExplainedError:
        return Bill()
