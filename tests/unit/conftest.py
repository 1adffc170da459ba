"""Generated examples are the same in every run, and no slow machine fails them.

A run of unit tests by hand takes a quarter of the examples; `make test` takes all of them, in a stage of their own with
COMPLEAT_EXAMPLES=thorough.
"""

import os

from hypothesis import settings

settings.register_profile("quick", derandomize=True, deadline=None, database=None, max_examples=25)
settings.register_profile("thorough", derandomize=True, deadline=None, database=None, max_examples=100)
settings.load_profile(os.environ.get("COMPLEAT_EXAMPLES", "quick"))
