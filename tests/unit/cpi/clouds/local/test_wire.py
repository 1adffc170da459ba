"""The lines between a caller and the service."""

import pytest

from cpi.clouds.local.inside.service import wire
from cpi.contract.errors import ConflictError, Retry, TransientError


def test_a_request_arrives_as_it_was_sent() -> None:
    assert wire.read_request(wire.write_request("create_vm", {"name": "ä"})) == ("create_vm", {"name": "ä"})


def test_what_was_done_comes_back() -> None:
    assert wire.read_answer(wire.write_done({"cid": "vm-1"})) == {"cid": "vm-1"}


def test_a_refusal_comes_back_as_the_error_it_was() -> None:
    line = wire.write_error(ConflictError("address-taken", "Taken.", why="web has it.", fix="Choose another."))

    with pytest.raises(ConflictError) as refused:
        wire.read_answer(line)
    error = refused.value
    assert (error.code, error.what, error.why, error.fix) == (
        "address-taken",
        "Taken.",
        "web has it.",
        "Choose another.",
    )


def test_what_may_be_tried_again_still_may() -> None:
    with pytest.raises(TransientError) as refused:
        wire.read_answer(wire.write_error(TransientError("closing", "Closing.")))
    assert refused.value.retry is Retry.SAFE
