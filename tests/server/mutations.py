"""Event objects as nobody should send them: seeded, so that every run tries the same."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1e308, 2**70, "", " ", "\0", "\ud800", "\u202e", "'\"--", "<b>"),
    *("../../etc/passwd", "%00", "{0}", "${x}", "é" * 1024, "😀" * 1024, "x" * 1025, "x" * 9000),
    *([], {}, [[]], [{}], {"": None}, {"stringInputs": None}, {"": {"stringInputs": {"value": 5}}}),
    *(float("nan"), float("inf"), "Europe", "Etc/GMT+5", "localtime", "fr_FR.UTF-8@euro", "zz-ZZ"),
)


def mutated(base: dict[str, Any], count: int, *, seed: int) -> Iterator[bytes]:
    """Yield `count` bodies made from `base`: other values, other forms, broken bytes."""
    dice = random.Random(seed)
    for _ in range(count):
        body = json.loads(json.dumps(base))
        for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
            _change(body, dice)
        raw = json.dumps(body, ensure_ascii=dice.random() < 0.5).encode("utf-8", "surrogatepass")
        yield _broken(raw, dice) if dice.random() < 0.25 else raw


def _change(body: dict[str, Any], dice: random.Random) -> None:
    """Change one place of `body`, wherever it is."""
    holder: Any = body
    while True:
        keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return
        key = dice.choice(keys)
        deeper = isinstance(holder[key], dict | list) and holder[key]
        if deeper and dice.random() < 0.8:
            holder = holder[key]
            continue
        break
    match dice.randrange(5):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[dice.choice(("extra", "", "calendar", "\0", "id"))] = _odd(dice)
        case 2:
            holder[key] = [holder[key]]
        case 3 if isinstance(holder[key], str):
            holder[key] = _text(holder[key], dice)
        case _:
            holder[key] = _odd(dice)


def _odd(dice: random.Random) -> Any:
    """One of the odd values, fresh: the next change may be made inside of it."""
    return copy.deepcopy(dice.choice(ODD_VALUES))


def _text(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(("\0", "\u0301", "\n", "'", "\U0001f600", "/", "")) + text[at:]


def _broken(raw: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(raw))
    match dice.randrange(6):
        case 0:
            return raw[:at]
        case 1:
            return raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1 :]
        case 2:
            return raw[:at] + dice.randbytes(3) + raw[at:]
        case 3:
            return raw.decode("utf-8", "replace").encode(dice.choice(("utf-16", "utf-32")))
        case 4:
            return b"[" * dice.choice((10, 500, 3000)) + raw
        case _:
            return dice.choice((b"", b"null", b"[]", b'""', b"5", b"NaN", b"\xef\xbb\xbf" + raw))
