"""All built-in functions.

Takes what a deployment knows, gives a table by name in lower case.
"""

from director.text.arm.functions import (
    cidr,
    collections,
    comparisons,
    dates,
    encodings,
    hashes,
    lambdas,
    numbers,
    objects,
    resource_ids,
    scopes,
    strings,
)
from director.text.arm.functions.function import Functions
from director.text.arm.surroundings import Surroundings

PURE: Functions = {
    **strings.FUNCTIONS,
    **encodings.FUNCTIONS,
    **collections.FUNCTIONS,
    **objects.FUNCTIONS,
    **numbers.FUNCTIONS,
    **comparisons.FUNCTIONS,
    **dates.FUNCTIONS,
    **lambdas.FUNCTIONS,
    **cidr.FUNCTIONS,
    **hashes.FUNCTIONS,
}
"""Functions whose value depends on their arguments alone."""


def functions(surroundings: Surroundings) -> Functions:
    """Those functions, and the ones that depend on where the deployment runs."""
    return {**PURE, **resource_ids.functions(surroundings), **scopes.functions(surroundings)}
