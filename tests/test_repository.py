"""What a newcomer relies on: locks, commands, documents and catalogues that are true."""

import ast
import configparser
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent

MADE_HERE = frozenset(
    {
        *(".git", ".venv", "node_modules", "var", "__pycache__", "livestorm_calendar.egg-info"),
        *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"),
    }
)
"""Folders that are in a checkout but not part of the repository."""

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

# Folders of one machine: a private home, a work place, a temporary folder with a name.
MACHINE_PATH = re.compile(
    r"(?<![\w./-])/(?:root|work|home/(?!\*|…)\w+|Users/\w+|tmp/\w+|opt/\w+)(?:/[\w.-]+)+"
)


def files() -> Iterator[Path]:
    """Yield every file of the repository."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(set(folders) - MADE_HERE)
        yield from (Path(folder, name) for name in sorted(names))


def locked(name: str) -> dict[str, tuple[Version, frozenset[str]]]:
    """Return what a lock file pins: normalised name → version and hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ")
    pins: dict[str, tuple[Version, frozenset[str]]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        requirement, *hashes = line.split("--hash=")
        pin = Requirement(requirement.strip())
        [specifier] = pin.specifier
        assert specifier.operator == "==", line
        pins[canonicalize_name(pin.name)] = (
            Version(specifier.version),
            frozenset(map(str.strip, hashes)),
        )
    return pins


def declared(*extras: str) -> list[Requirement]:
    """Return what setup.cfg asks for, with these extras."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    texts = [setup["options"]["install_requires"]]
    texts += [setup["options.extras_require"][extra] for extra in extras]
    return [Requirement(line) for text in texts for line in text.split("\n") if line]


def make_targets() -> dict[str, str]:
    """Return the public targets of the Makefile with their help lines."""
    rules = re.findall(r"^([a-z]+):[^=\n]*?(?:## (.+))?$", (ROOT / "Makefile").read_text(), re.M)
    return dict(rules)


@pytest.mark.parametrize("lock", ["runtime", "dev"])
def test_locks_name_no_index(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert not re.search(r"://|--(?:extra-)?index|--find-links|--trusted-host|file:", text)


@pytest.mark.parametrize("lock", ["runtime", "dev"])
def test_every_locked_package_is_hashed(lock: str) -> None:
    pins = locked(lock)
    assert len(pins) > 20
    for name, (_version, hashes) in pins.items():
        assert hashes, name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), name


@pytest.mark.parametrize(("lock", "extras"), [("runtime", ["build"]), ("dev", ["build", "dev"])])
def test_locks_hold_what_setup_asks_for(lock: str, extras: list[str]) -> None:
    pins = locked(lock)
    for requirement in declared(*extras):
        version, _hashes = pins[canonicalize_name(requirement.name)]
        assert version in requirement.specifier, requirement


def test_what_is_tested_is_what_runs() -> None:
    assert locked("runtime").items() <= locked("dev").items()


def test_the_node_lock_names_no_address() -> None:
    lock = json.loads((ROOT / "manifest/package-lock.json").read_text())
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert packages
    for path, package in packages.items():
        assert "resolved" not in package, path
        assert package["integrity"].startswith("sha512-"), path


def test_make_help_explains_every_target() -> None:
    targets = make_targets()
    internal = {"python", "development", "tools"}
    assert {target for target, line in targets.items() if not line} == internal
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in targets.keys() - internal:
        assert f"make {target} " in shown


def test_documents_name_only_commands_that_exist() -> None:
    program = Path(sys.executable).with_name("livestorm-calendar")
    offered = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    for document in DOCUMENTS:
        code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", document.read_text(), re.S))
        for target in re.findall(r"\bmake ([a-z]+)", code):
            assert target in make_targets(), f"{document.name}: make {target}"
        for command in re.findall(r"\blivestorm-calendar ([a-z]+)", code):
            assert re.search(rf"\b{command}\b", offered), f"{document.name}: {command}"


def test_every_setting_is_explained() -> None:
    source = (ROOT / "server/settings.py").read_text()
    names = re.findall(r'reader\.\w+\(\s*"([A-Z_]+)"', source)
    assert len(names) > 20
    explained = (ROOT / "README.md").read_text().partition("## Settings")[2]
    assert [name for name in names if f"`{name}`" not in explained] == []


def test_links_between_documents_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text()):
            if "://" not in target and not target.startswith("mailto:"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    found = []
    for path in files():
        if path == Path(__file__):
            continue  # it holds examples of what it looks for
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in MACHINE_PATH.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see /home/someone/project/file", True),
        ("(/root/notes.txt)", True),
        ("https://example.com/home/page/one", False),
        ("docs/work/plan.md", False),
        ("/usr/lib/postgresql/15/bin", False),
    ],
)
def test_a_folder_of_somebodys_machine_is_recognised(text: str, found: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is found


def test_every_module_says_what_it_is_for() -> None:
    modules = [path for path in files() if path.suffix == ".py" and path.stat().st_size]
    assert modules
    silent = [path for path in modules if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_catalogues_are_complete() -> None:
    catalogues = [path for path in files() if path.suffix == ".po"]
    assert catalogues
    for path in catalogues:
        with path.open("rb") as file:
            catalogue = read_po(file)
        for message in catalogue:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.id:
                assert all(strings), f"{path.relative_to(ROOT)}: {message.id!r}"
                assert not message.fuzzy, f"{path.relative_to(ROOT)}: {message.id!r}"
