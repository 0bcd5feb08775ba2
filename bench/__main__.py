"""Run every measurement: `python -m bench`."""

import sys

from bench import conference, home

sys.exit(max(home.main([]), conference.main([])))
