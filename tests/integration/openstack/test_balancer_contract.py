"""The contract suite of load balancers, on the stand-ins."""

from tests.contract.cloud.test_load_balancers import *  # noqa: F403
