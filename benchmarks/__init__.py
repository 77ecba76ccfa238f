"""One runnable module per question; each prints a table and writes JSON.

- ``python -m benchmarks.training``: how long does a training step take, here and elsewhere?
- ``python -m benchmarks.steps``: what is a training step made of?
- ``python -m benchmarks.predict``: how long does a prediction take?
- ``python -m benchmarks.memory``: how much memory does training need beyond the data?
- ``python -m benchmarks.startup``: how long does ``import densefit`` take?
- ``python -m benchmarks.paste``: put the figures into the documentation.

Run from the root of a checkout. The peers come with ``pip install 'densefit[bench]'``; whichever
are missing are left out and named.
"""
