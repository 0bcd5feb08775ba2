"""The bridge against Google's published types, with TypeScript in its strictest."""

import json
import shutil
import subprocess
from pathlib import Path

from server.manifest import SOURCES

TSC = SOURCES / "node_modules/.bin/tsc"


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    assert TSC.exists(), f"{TSC} is missing: run `npm ci --prefix manifest` (make test does)"
    return subprocess.run(
        [TSC, "--project", folder, "--pretty", "false"], capture_output=True, text=True, check=False
    )


def test_the_bridge_is_typed() -> None:
    result = check(SOURCES)

    assert result.returncode == 0, result.stdout


def test_the_check_sees_what_google_does_not_have(tmp_path: Path) -> None:
    for source in SOURCES.glob("*.js"):
        shutil.copy(source, tmp_path)
    shutil.copy(SOURCES / "tsconfig.json", tmp_path)
    (tmp_path / "node_modules").symlink_to(SOURCES / "node_modules")
    (tmp_path / "wrong.js").write_text(
        "function wrong() {\n  ConferenceDataService.newEntryPoint().setLabel('x');\n}\n"
        "/** @param {string} a */ function alsoWrong(a, b) { return a * b; }\n",
        encoding="utf-8",
    )

    result = check(tmp_path)

    assert result.returncode != 0
    assert "'setLabel' does not exist" in result.stdout
    assert "Parameter 'b' implicitly has an 'any' type" in result.stdout


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))

    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("resolved" not in entry for entry in packages.values())
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
