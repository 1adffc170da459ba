"""Generation of values for `interpolate --vars-store`; a module of its own because cryptography is slow to import.

Takes definitions, gives values.
"""

from collections.abc import Callable, Mapping
from typing import cast

from cpi.contract.values import JsonValue
from director.edge.secrets import mint
from director.model.environments.desired import VariableSpec
from director.model.secret_ref import Property
from director.text.variables.lookup import Definition


def make_value(definition: Definition, look_up: Callable[[str], Property]) -> Property:
    """Generate a variable as the bosh CLI does. Nothing here is a reference: a store holds values."""
    options = cast(Mapping[str, JsonValue], definition.options)
    spec = VariableSpec(name=definition.name, type=definition.type, options=options)
    return mint.make_value(spec, cast(Callable[[str], JsonValue], look_up))
