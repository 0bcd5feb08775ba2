"""The folder in which all processes of one machine keep what they count.

prometheus_client looks for its name when it is first imported, so this module is imported, and the
folder made, before anything that counts.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable of prometheus_client. Whoever runs `serve` and `worker` apart names the
same folder for both, emptied before they start."""


@contextmanager
def metrics_folder() -> Iterator[str]:
    """Give the folder of this run to this process and all that it starts.

    The one that the environment names, or else a new one, which is removed at the end.
    """
    given = os.environ.get(VARIABLE)
    if given:
        Path(given).mkdir(mode=0o700, parents=True, exist_ok=True)
        yield given
        return
    folder = tempfile.mkdtemp(prefix="livestorm-calendar-metrics-")
    os.environ[VARIABLE] = folder
    try:
        yield folder
    finally:
        del os.environ[VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)
