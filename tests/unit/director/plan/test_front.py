"""What a deploy plans, from the front door."""

from director.plan import front
from tests.unit.director.plan import scenes


def test_a_fresh_instance_is_made_configured_and_started() -> None:
    plan = front.make_plan(scenes.deployment(scenes.group("web")), scenes.nothing(), scenes.asked())
    assert scenes.told(plan) == [
        "create_vm/web-0",
        "await_agent/web-0 <- create_vm/web-0",
        "apply/web-0 [web] enters <- await_agent/web-0",
        "start/web-0 [web] <- apply/web-0",
        "await_running/web-0 [web] <- start/web-0",
        "finish_instance/web-0 [web] leaves <- await_running/web-0",
    ]


def test_an_unchanged_manifest_gives_an_empty_plan() -> None:
    desired = scenes.deployment(scenes.group("web", 3), scenes.group("db", 2))
    observed = scenes.after(front.make_plan(desired, scenes.nothing(), scenes.asked()), scenes.nothing())
    plan = front.make_plan(desired, observed, scenes.asked("run-2"))
    assert (scenes.told(plan), plan.records, plan.kept) == ([], (), 5)
