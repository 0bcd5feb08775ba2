"""`python -m sandbox` does what `livestorm-calendar sandbox` does."""

import sys

from sandbox.run import main

sys.exit(main())
