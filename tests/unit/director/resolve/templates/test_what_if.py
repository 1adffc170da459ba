"""What-if: resources as they were deployed, compared with those of the template."""

from director.model.template_resources import RecordedResource
from director.resolve.templates import what_if
from director.resolve.templates.what_if import Compared, PropertyChange, WhatIfKind


def _resource(name: str, type_: str = "Microsoft.Compute/virtualMachines", **properties: object) -> RecordedResource:
    return RecordedResource(id=f"/{type_}/{name}", type=type_, name=name, body={"properties": properties})  # type: ignore[dict-item]


def _kinds(compared: Compared) -> dict[str, WhatIfKind]:
    return {one.resource.name: one.kind for one in what_if.compare(compared)}


def test_each_resource_has_its_kind_of_change() -> None:
    before = [
        _resource("same", size=1),
        _resource("other", size=1),
        _resource("gone"),
        _resource("lost"),
        _resource("hurt"),
    ]
    after = [
        _resource("same", size=1),
        _resource("other", size=2),
        _resource("new"),
        _resource("lost"),
        _resource("hurt"),
    ]
    compared = Compared(
        before=before,
        after=after,
        missing=frozenset({_resource("lost").key}),
        touched={_resource("hurt").key: "its VM does not exist", _resource("new").key: "new instance"},
    )
    assert _kinds(compared) == {
        "same": WhatIfKind.NO_CHANGE,
        "other": WhatIfKind.MODIFY,
        "new": WhatIfKind.CREATE,
        "lost": WhatIfKind.CREATE,
        "hurt": WhatIfKind.DEPLOY,
        "gone": WhatIfKind.DELETE,
    }


def test_addresses_and_deployments_that_leave_the_template_stay() -> None:
    types = ("Microsoft.Network/publicIPAddresses", "Compleat/deployments", "Compleat/bundles")
    before = [_resource(str(number), type_) for number, type_ in enumerate(types)]
    assert set(_kinds(Compared(before=before, after=[])).values()) == {WhatIfKind.IGNORE}


def test_properties_are_compared_member_by_member() -> None:
    before = _resource("web", size="a", disks=[{"size": 1, "name": "x"}], old=True, list=[1])
    after = _resource("web", size="b", disks=[{"size": 2, "name": "x"}], new=None, list=[1, 2], zero=0)
    (change,) = what_if.compare(Compared(before=[before], after=[after]))
    assert list(change.properties) == [
        PropertyChange(path="properties.size", before="a", after="b"),
        PropertyChange(path="properties.disks[0].size", before=1, after=2),
        PropertyChange(path="properties.old", before=True, after=None),
        PropertyChange(path="properties.list", before=[1], after=[1, 2]),
        PropertyChange(path="properties.zero", before=None, after=0),
    ]


def test_a_number_is_no_truth() -> None:
    (change,) = what_if.compare(Compared(before=[_resource("a", x=1)], after=[_resource("a", x=True)]))
    assert change.kind is WhatIfKind.MODIFY
