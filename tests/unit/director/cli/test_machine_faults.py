"""Exceptions whose cause is the machine are no bugs."""

import errno

import pytest

from director.cli import machine_faults


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "too-many-open-files"),
        (OSError(errno.ENFILE, "Too many open files in system"), "too-many-open-files"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "out-of-memory"),
        (MemoryError(), "out-of-memory"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), ""),
        (ValueError("x"), ""),
    ],
)
def test_what_is_of_the_machine_has_a_code(error: Exception, code: str) -> None:
    found = machine_faults.explain(error)
    assert (found.code if found else "") == code


def test_a_librarys_error_counts_by_its_cause() -> None:
    wrapped = RuntimeError("the library failed")
    wrapped.__cause__ = MemoryError()
    found = machine_faults.explain(wrapped)
    assert found is not None and found.code == "out-of-memory"
