"""One instance of a state changed, all others as they were. Pure.

Takes a state and a change, gives the new state.
"""

from collections.abc import Callable
from dataclasses import replace

from director.model.ids import InstanceId
from director.model.state import DeploymentState, InstanceRecord


def change_instance(
    state: DeploymentState, instance: InstanceId, change: Callable[[InstanceRecord], InstanceRecord]
) -> DeploymentState:
    """Give the state with that instance changed; one that is not there changes nothing."""
    return replace(
        state, instances=tuple(change(record) if record.id == instance else record for record in state.instances)
    )
