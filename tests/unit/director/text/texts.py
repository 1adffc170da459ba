"""Builders for this room's tests: texts as sources and documents."""

from director.errors import InputError, Problems
from director.model.documents import Document, Source
from director.model.secret_ref import Property
from director.model.written.ops_file import Operation
from director.text.ops import operations
from director.text.yaml import reader


def source(text: str, name: str = "m.yml") -> Source:
    return Source(name=name, content=text.encode())


def document(text: str, name: str = "m.yml") -> Document:
    return reader.read_document(source(text, name))


def tree(text: str) -> Property:
    return document(text).tree


def ops(text: str, name: str = "o.yml") -> tuple[Operation, ...]:
    return operations.read_operations(document(text, name))


def reported(error: InputError) -> list[tuple[str, str, str]]:
    """Code, what and where of every problem."""
    problems = error.problems if isinstance(error, Problems) else (error,)
    return [(problem.code, problem.what, problem.where) for problem in problems]
