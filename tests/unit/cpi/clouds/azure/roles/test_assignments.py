"""Assignments of roles as they are sent, whole, and as Azure tells them; and the role of the end's clock."""

import pytest

from cpi.clouds.azure.roles import assignments, end_clock


def test_an_assignment_is_sent_whole() -> None:
    assert assignments.render_role("p", "/roleDefinitions/d") == {
        "properties": {
            "roleDefinitionId": "/roleDefinitions/d",
            "principalId": "p",
            "principalType": "ServicePrincipal",
        }
    }


def test_an_assignment_has_the_same_name_each_time_and_another_for_others() -> None:
    paths = {
        assignments.role_path("/S/g", "p", "/a/d"),
        assignments.role_path("/s/g", "q", "/a/d"),
        assignments.role_path("/s/g", "p", "/a/e"),
        assignments.role_path("/s", "p", "/a/d"),
    }
    assert len(paths) == 4
    assert assignments.role_path("/s/g", "p", "/b/d").split("/")[-1] in {path.split("/")[-1] for path in paths}


@pytest.mark.parametrize(
    ("scope", "is_given"),
    [
        ("/subscriptions/s/resourceGroups/g", True),
        ("/subscriptions/s", True),
        ("/subscriptions/s/resourceGroups/gg", False),
    ],
)
def test_a_role_counts_where_it_is_given_and_below(scope: str, is_given: bool) -> None:
    listed = [{"properties": {"roleDefinitionId": "/x/roleDefinitions/d", "scope": scope}}]
    wanted = "/subscriptions/s/resourcegroups/G"
    assert assignments.has_role(listed, wanted, "/y/roleDefinitions/d") is is_given
    assert assignments.has_role(listed, wanted, "/y/roleDefinitions/e") is False


@pytest.mark.parametrize(
    ("there", "kind"),
    [
        ({}, "UserAssigned"),
        ({"type": "UserAssigned", "userAssignedIdentities": {"/g/other": {}}}, "UserAssigned"),
        ({"type": "SystemAssigned"}, "SystemAssigned, UserAssigned"),
        ({"type": "SystemAssigned, UserAssigned"}, "SystemAssigned, UserAssigned"),
        ({"type": "UserAssigned", "userAssignedIdentities": {"/G/Clock": {}}}, None),
    ],
)
def test_a_vm_keeps_the_identities_that_it_has(there: dict[str, object], kind: str | None) -> None:
    changed = end_clock.with_identity({"identity": there}, "/g/clock")
    wanted: dict[str, object] = {"identity": {"type": kind, "userAssignedIdentities": {"/g/clock": {}}}}
    assert changed == (wanted if kind else None)


def test_the_role_reads_and_deletes_a_group_and_does_nothing_else() -> None:
    rendered = end_clock.render_definition("end", "/subscriptions/s")["properties"]
    assert rendered["permissions"] == [
        {"actions": ["*/read", "Microsoft.Resources/subscriptions/resourceGroups/delete"], "notActions": []}
    ]
    assert rendered["assignableScopes"] == ["/subscriptions/s"]
