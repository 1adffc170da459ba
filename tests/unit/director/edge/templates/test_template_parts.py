"""What many instances share reaches the process that renders their templates once, however many they are."""

from cpi.contract.json_value import JsonValue
from director.edge.templates.template_parts import SharedParts
from director.model.erb import DnsNumbers, ErbRequest, ErbTemplate


def _sent_bytes(count: int) -> int:
    """All bytes for a group of this size whose templates read their own index and the link to all of them."""
    peers: list[JsonValue] = [{"name": "web", "index": index, "address": f"10.0.{index}"} for index in range(count)]
    links: dict[str, JsonValue] = {"peers": {"instances": peers}}
    properties: dict[str, JsonValue] = {"port": 80}
    parts, dns = SharedParts(), DnsNumbers()
    template = ErbTemplate(name="x", text="{{ spec.index }}")
    requests = (
        ErbRequest(job="web", templates=(template,), spec={"index": index}, properties=properties, links=links, dns=dns)
        for index in range(count)
    )
    return sum(len(parts.document(request)) for request in requests)


def test_four_times_the_instances_are_sent_four_times_the_bytes() -> None:
    assert _sent_bytes(4000) < 4.5 * _sent_bytes(1000)


def test_what_is_shared_is_sent_before_the_first_that_needs_it_and_again_after_it_was_dropped() -> None:
    template = ErbTemplate(name="x", text="t")
    large: list[dict[str, JsonValue]] = [{"a": "x" * (20 << 20)} for _ in range(3)]
    parts, dns, links = SharedParts(), DnsNumbers(), dict[str, JsonValue]()
    requests = (
        ErbRequest(job="j", templates=(template,), spec={}, properties=one, links=links, dns=dns)
        for one in (*large, large[0], large[0])
    )
    sent = [parts.document(request) for request in requests]
    kinds = [[line[:9] for line in document.splitlines()] for document in sent]
    keep, ask, forget = b'{"keep": ', b'{"job": "', b'{"forget"'
    assert [(one.count(forget), one[-1]) for one in kinds] == [(0, ask), (0, ask), (1, ask), (0, ask), (0, ask)]
    assert [len(document) > 1 << 20 for document in sent] == [True, True, True, True, False]
    assert kinds[0][0] == keep
