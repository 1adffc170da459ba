"""What `doctor` found, on the terminal, as words or as JSON.

Takes a diagnosis, shows it.
"""

from director.app.use_cases.doctor import Diagnosis
from director.cli.terminal.terminal import Terminal
from director.model.report import Table
from director.report import as_json, bill_text, cloud_text, tables


def show_diagnosis(terminal: Terminal, diagnosis: Diagnosis, *, remarks: Table) -> None:
    """Preflight's findings: all of them as JSON; only the remarks as text, as fatal findings are printed as errors."""
    findings, bill = diagnosis.findings, diagnosis.bill
    if terminal.is_json:
        terminal.say_json(as_json.findings_json(findings, bill, diagnosis.logins))
    else:
        shown = tables.table_lines(remarks) if not findings or remarks.rows else ()
        terminal.say((*cloud_text.login_lines(diagnosis.logins), *shown, *bill_text.bill_lines(bill)))
