from director.model.documents import Source, WrittenDocument
from director.model.spans import Span, Spans


def test_a_written_document_says_where_a_node_or_its_nearest_parent_is() -> None:
    spans = Spans(file="m.yml", by_path={("a",): Span(file="m.yml", line=3, column=5)})
    written = WrittenDocument(document=1, spans=spans)
    assert [written.where("a", 0, "b"), written.where("z")] == ["m.yml:3:5", "m.yml"]


def test_a_files_content_is_not_in_its_repr() -> None:
    assert repr(Source(name="vars.yml", content=b"hidden")) == "Source(name='vars.yml')"
