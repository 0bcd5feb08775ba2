"""JSON merge patch, which Calendar's PATCH is but for extended properties.

Source: RFC 7396, and the reference pages of ``events.patch`` ("arrays are overwritten").
"""

from copy import deepcopy

from sandbox.google.api_errors import Json


def merge_patch(target: Json, patch: Json) -> Json:
    """The target after the patch: objects merge, null removes, everything else replaces."""
    result = deepcopy(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below = result.get(key)
            result[key] = merge_patch(below if isinstance(below, dict) else {}, value)
        else:
            result[key] = deepcopy(value)
    return result
