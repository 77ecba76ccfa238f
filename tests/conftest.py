"""How property-based tests draw: the same examples in every run, however slow the machine.

``HYPOTHESIS_PROFILE=explore pytest`` draws new ones each time, to look for what is still unknown.
"""

import os
from importlib.util import find_spec

from hypothesis import settings

settings.register_profile("reproducible", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reproducible"))

# The comparison with Keras needs Keras and JAX, which `make parity` installs.
collect_ignore = [] if find_spec("keras") and find_spec("jax") else ["parity"]
