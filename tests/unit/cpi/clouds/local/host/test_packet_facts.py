"""A kernel that applies no rules to packets is a finding, where a template needs them."""

from cpi.clouds.local.host import packet_facts


def test_a_chain_that_failed_is_said_with_the_kernel_s_answer() -> None:
    (found,) = packet_facts.describe([("filter", "route tables")], "filter 95\n")
    assert found.code == "packet-rules-missing"
    assert found.is_fatal
    assert "Operation not supported" in found.why
    assert "route tables" in found.what
    assert list(packet_facts.describe([("filter", "route tables")], "filter 0\n")) == []


def test_nothing_is_tried_that_no_part_needs() -> None:
    assert packet_facts.findings({"network", "load_balancer"}) == []
