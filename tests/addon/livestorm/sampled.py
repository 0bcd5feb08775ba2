"""The sample documents, which have the structure of Livestorm's published examples."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "samples"


def sample(name: str) -> Any:
    """Return a sample document, a fresh one each time."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
