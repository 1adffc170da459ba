"""What a plugin reports during a call is in the log of `compleat cpi`, and never in its answer."""

import json

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.serve import server
from cpi.serve.served_plugin import ServedPlugin


class _Telling:
    """A plugin that needs a person to sign in, and says how far it is."""

    name = "telling"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        settings.progress.prompt("Enter the code ABCD.")
        settings.progress.report("1 of 2 MiB sent.")
        return connect_cloud(MemoryCloud())


class _Broken:
    name = "broken"

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        raise ZeroDivisionError


def test_what_a_plugin_reports_is_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(_ask(ServedPlugin(plugin="telling", find=lambda _: _Telling())))
    said = capsys.readouterr()
    assert (answer["result"], answer["log"]) == (False, "")
    assert (said.out, said.err) == ("", "Enter the code ABCD.\n1 of 2 MiB sent.\n")


def test_a_plugin_that_breaks_leaves_its_lines_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    _ask(ServedPlugin(plugin="broken", find=lambda _: _Broken()))
    said = capsys.readouterr()
    assert (said.out, "ZeroDivisionError" in said.err) == ("", True)


def _ask(service: ServedPlugin) -> bytes:
    return server.answer(service, json.dumps({"method": "has_vm", "arguments": ["v"], "context": {}}).encode())
