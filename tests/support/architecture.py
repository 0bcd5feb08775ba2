"""Reading the source as a drawing: who imports whom, and what touches the outside world.

Every function takes the folder of a project, so that the rules can be tried on a planted one.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ARROWS: Mapping[str, frozenset[str]] = {
    "addon": frozenset({"addon"}),
    "cards": frozenset({"cards"}),
    "server": frozenset({"server", "addon", "cards"}),
    "sandbox": frozenset({"sandbox"}),
}
"""Which of our packages each package may import."""

OURS = frozenset({*ARROWS, "tests", "bench"})
"""Every package of this repository."""

OUTSIDE_WORLD = frozenset(
    {
        # the network
        *("aiohttp", "ftplib", "google", "googleapiclient", "gunicorn", "http", "httplib2"),
        *("httpx", "requests", "select", "selectors", "smtplib", "socket", "ssl", "urllib3"),
        # a database
        *("alembic", "dbos", "psycopg", "sqlalchemy", "sqlite3"),
        # files and the machine
        *("fcntl", "glob", "io", "mmap", "os", "pathlib", "platform", "shutil", "sys"),
        "tempfile",
        # other processes and threads
        *("asyncio", "concurrent", "multiprocessing", "queue", "signal", "subprocess"),
        "threading",
        # what differs from one call to the next: time passing, chance, what was said before
        *("contextvars", "random", "secrets", "time", "uuid"),
        # speaking, or serving
        *("flask", "logging", "structlog", "werkzeug"),
    }
)
"""Modules whose use makes the result depend on more than the arguments, or does more than return.

``urllib.parse`` is not among them (it only takes text apart), ``urllib.request`` is.
"""

_OUTSIDE_SUBMODULES = frozenset({"urllib.request", "addon.clock"})
_OUTSIDE_CALLS = frozenset({"open", "print", "input", "exec", "eval", "__import__"})
_CLOCK_CALLS = frozenset({"now", "utcnow", "today"})


@dataclass(frozen=True)
class Module:
    """One Python file, parsed."""

    name: str
    path: Path
    tree: ast.Module

    def imports(self) -> Iterator[tuple[str, int]]:
        """Yield the dotted name of everything imported, wherever it stands, and its line."""
        package = self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                parents: list[str] = []
                if node.level:
                    parents = package.split(".")[: package.count(".") + 2 - node.level]
                for alias in node.names:
                    parts = [*parents, node.module, alias.name]
                    yield ".".join(filter(None, parts)), node.lineno

    def calls(self) -> Iterator[tuple[str, int]]:
        """Yield the last part of the name of everything called, and its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                function = node.func
                if isinstance(function, ast.Name):
                    yield function.id, node.lineno
                elif isinstance(function, ast.Attribute):
                    yield f".{function.attr}", node.lineno


def modules(root: Path, packages: frozenset[str] = frozenset(ARROWS)) -> dict[str, Module]:
    """Return the modules of `packages` below `root`, by dotted name."""
    found = {}
    for package in sorted(packages):
        for path in sorted((root / package).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, path, ast.parse(path.read_text(), str(path)))
    return found


def wrong_arrows(root: Path) -> list[str]:
    """Return every import between our packages that `ARROWS` does not allow."""
    wrong = []
    for module in modules(root).values():
        room = module.name.partition(".")[0]
        for imported, line in module.imports():
            target = imported.partition(".")[0]
            if target in OURS and target not in ARROWS[room]:
                wrong.append(f"{module.path.relative_to(root)}:{line} imports {imported}")
        for called, line in module.calls():
            if called in {".import_module", "import_module", "__import__"}:
                wrong.append(f"{module.path.relative_to(root)}:{line} hides an import in a call")
    return wrong


def impurities(root: Path, pure: frozenset[str], excused: Mapping[str, str]) -> list[str]:
    """Return every way in which a module that must only compute reaches the outside world.

    Args:
        root: Folder of the project.
        pure: Dotted names of modules or packages that must be pure, each with all below it. What
            they import of ours must be pure as well.
        excused: Modules of which nothing is asked here, with the reason.
    """
    known = modules(root)
    waiting = [
        name for name in known if any(name == top or name.startswith(f"{top}.") for top in pure)
    ]
    seen: set[str] = set()
    wrong = []
    while waiting:
        name = waiting.pop()
        if name in seen or name in excused:
            continue
        seen.add(name)
        module = known[name]
        for imported, line in module.imports():
            if _outside(imported):
                wrong.append(f"{module.path.relative_to(root)}:{line} imports {imported}")
            # Either a module, or a name in one.
            waiting += [part for part in (imported, imported.rpartition(".")[0]) if part in known]
        for called, line in module.calls():
            if called in _OUTSIDE_CALLS or called.removeprefix(".") in _CLOCK_CALLS:
                wrong.append(f"{module.path.relative_to(root)}:{line} calls {called}")
    return sorted(wrong)


def _outside(imported: str) -> bool:
    return imported.partition(".")[0] in OUTSIDE_WORLD or any(
        imported == name or imported.startswith(f"{name}.") for name in _OUTSIDE_SUBMODULES
    )


def long_modules(root: Path, limit: int, excused: Mapping[str, str]) -> list[str]:
    """Return the modules of more than `limit` lines, except the excused ones (by path)."""
    return [
        f"{path} has {lines} lines"
        for module in modules(root).values()
        for path in [module.path.relative_to(root).as_posix()]
        for lines in [len(module.path.read_text().splitlines())]
        if lines > limit and path not in excused
    ]


def empty_words(root: Path, words: frozenset[str]) -> list[str]:
    """Return the modules, packages and classes whose name has a word that says nothing."""
    wrong = []
    for module in modules(root, OURS).values():
        if words & set(module.name.rpartition(".")[2].lower().strip("_").split("_")):
            wrong.append(f"{module.path.relative_to(root)}: module {module.name}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and any(
                node.name.lower().endswith(word) for word in words
            ):
                wrong.append(f"{module.path.relative_to(root)}:{node.lineno} class {node.name}")
    return wrong
