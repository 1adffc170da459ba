"""Several configs of one type as one document.

Takes documents, gives one in which every node keeps its place: lists are joined, and what only one config may define is
checked. Codes: config-key-twice, config-not-a-map.
Source: cloudfoundry/bosh src/bosh-director/lib/bosh/director/cloud_config/cloud_configs_consolidator.rb.
"""

from collections.abc import Mapping, Sequence

from director.errors import InputError
from director.model.documents import Document
from director.model.secret_ref import Property
from director.model.spans import Path, Span, Spans


def merge_documents(documents: Sequence[Document]) -> tuple[Document, list[InputError]]:
    """One document as it is, several joined; and what is wrong with joining them: there the first one counts."""
    if len(documents) == 1:
        return documents[0], []
    joiner = _ListJoiner()
    for document in documents:
        joiner.add(document)
    return Document(tree=joiner.tree, spans=Spans(file=documents[0].spans.file, by_path=joiner.spans)), joiner.problems


class _ListJoiner:
    def __init__(self) -> None:
        self.tree: dict[str, Property] = {}
        self.spans: dict[Path, Span] = {}
        self.problems: list[InputError] = []

    def add(self, document: Document) -> None:
        if document.tree is None:
            return
        if not isinstance(document.tree, Mapping):
            self.problems.append(not_a_map(document))
            return
        self.spans.setdefault((), document.spans.at(()))
        for key, value in document.tree.items():
            if value is not None:
                self._add_key(document, key, value)

    def _add_key(self, document: Document, key: str, value: Property) -> None:
        known = self.tree.get(key)
        if known is None:
            self.tree[key] = value
            self._note_places(document, key, shift=0)
        elif isinstance(known, list | tuple) and isinstance(value, list | tuple):
            self.tree[key] = [*known, *value]
            self._note_places(document, key, shift=len(known))
        else:
            self.problems.append(self._twice(document, key))

    def _note_places(self, document: Document, key: str, *, shift: int) -> None:
        """Each entry of a list has a place in its own document, where its parent's would be the first document's."""
        value = document.tree[key] if isinstance(document.tree, Mapping) else None
        for number in range(len(value) if isinstance(value, list | tuple) else 0):
            self.spans[key, number + shift] = document.spans.at((key, number))
        for path, span in document.spans.by_path.items():
            if path[:1] == (key,):
                index = path[1] + shift if len(path) > 1 and isinstance(path[1], int) else None
                self.spans.setdefault(path if index is None else (key, index, *path[2:]), span)

    def _twice(self, document: Document, key: str) -> InputError:
        return InputError(
            "config-key-twice",
            f"Two configs define '{key}'.",
            why=f"The other one does so at {self.spans.get((key,), self.spans.get((), 'the first'))}; "
            "only lists of several configs are joined.",
            fix=f"Keep '{key}' in one of them.",
            where=str(document.spans.at((key,))),
        )


def not_a_map(document: Document) -> InputError:
    """What to say of a config that is a list or a scalar."""
    return InputError(
        "config-not-a-map",
        "A config must be a map of keys to values.",
        why="The document is a list or a single value.",
        fix="Correct the document.",
        where=str(document.spans.at(())),
    )
