"""Run every measurement, one after the other: `python -m bench`.

But for `bench.month`, which takes a quarter of an hour by itself.
"""

import sys

from bench import changes, conference, home, latency, push, size

sys.exit(max(measure.main([]) for measure in (home, conference, push, latency, size, changes)))
