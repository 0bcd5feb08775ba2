"""The Apps Script project that the page runs: the very files of ``manifest/``.

Only the server's address is put in, as ``livestorm-calendar manifest`` does it for a deployment:
the address in ``config.js`` is the one to look for, there and in ``appsscript.json``.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST_FOLDER = Path(__file__).parents[2] / "manifest"
CONFIG = "config.js"

_BASE_URL = re.compile(r"const BASE_URL = '([^']+)';")
_FILE_NAME = re.compile(r"[a-z0-9_]+\.js")

LIVESTORM_APP = "https://app.livestorm.co/"
"""Where Livestorm's pages are; in the sandbox the simulator stands there."""


class ProjectError(Exception):
    """The files in ``manifest/`` are not the project this page knows how to run."""


@dataclass(frozen=True)
class Project:
    """The add-on's project for one server.

    Attributes:
        program_url: Origin of the running program, without a slash at the end.
        livestorm_url: Origin of the Livestorm simulator.
        folder: Where the files are; read anew on every use, so that an edit shows at once.
    """

    program_url: str
    livestorm_url: str
    folder: Path = MANIFEST_FOLDER

    def script_names(self) -> list[str]:
        """Names of the script files, in the order they are loaded."""
        return sorted(path.name for path in self.folder.glob("*.js"))

    def script(self, name: str) -> str | None:
        """The source of one script file; None when the project has none of that name."""
        if not _FILE_NAME.fullmatch(name) or name not in self.script_names():
            return None
        source = (self.folder / name).read_text(encoding="utf-8")
        return self._for_this_server(source) if name == CONFIG else source

    def manifest(self) -> dict[str, Any]:
        """What ``appsscript.json`` says.

        Raises:
            ProjectError: The files are not there or not as expected.
        """
        try:
            text = (self.folder / "appsscript.json").read_text(encoding="utf-8")
        except FileNotFoundError as missing:
            raise ProjectError(f"{missing.filename} is missing") from missing
        manifest: dict[str, Any] = json.loads(self._for_this_server(text))
        return manifest

    def scopes(self) -> tuple[str, ...]:
        """The OAuth scopes the add-on is granted."""
        return tuple(self.manifest()["oauthScopes"])

    def may_fetch(self, url: str) -> bool:
        """Whether ``urlFetchWhitelist`` covers the address.

        Source: developers.google.com/apps-script/manifest/allowlist-url. Plain http, which Google
        never allows, only reaches this machine.
        """
        if url.startswith("http://") and not url.startswith(
            ("http://127.0.0.1", "http://localhost")
        ):
            return False
        return any(url.startswith(prefix) for prefix in self.manifest()["urlFetchWhitelist"])

    def description(self, script_url: str, logo_url: str) -> dict[str, Any]:
        """What the page needs to know of the add-on.

        Args:
            script_url: Address under which `script` is served, with ``{name}`` for the file.
            logo_url: Picture shown instead of one that lies on another host: the sandbox needs
                no network.
        """
        manifest = self.manifest()
        common, calendar = manifest["addOns"]["common"], manifest["addOns"]["calendar"]
        homepage = calendar.get("homepageTrigger") or common["homepageTrigger"]
        return {
            "name": common["name"],
            "logoUrl": self._picture(common["logoUrl"], logo_url),
            "colors": common.get("layoutProperties"),
            "useLocaleFromApp": common.get("useLocaleFromApp", False),
            "currentEventAccess": calendar.get("currentEventAccess"),
            "homepageFunction": homepage["runFunction"],
            "eventOpenFunction": calendar.get("eventOpenTrigger", {}).get("runFunction"),
            "settingsFunction": calendar.get("createSettingsUrlFunction"),
            "universalActions": common.get("universalActions", []),
            "openLinkUrlPrefixes": [
                *common.get("openLinkUrlPrefixes", []),
                *(
                    [f"{self.livestorm_url}/"]
                    if LIVESTORM_APP in common.get("openLinkUrlPrefixes", [])
                    else []
                ),
            ],
            "solutions": [
                {
                    **solution,
                    "logoUrl": self._picture(solution["logoUrl"], logo_url),
                }
                for solution in calendar.get("conferenceSolution", [])
            ],
            "scripts": [script_url.format(name=name) for name in self.script_names()],
        }

    def solution(self, solution_id: str) -> dict[str, Any] | None:
        """The conference solution of that id, as the manifest has it."""
        solutions = self.manifest()["addOns"]["calendar"].get("conferenceSolution", [])
        return next((one for one in solutions if one["id"] == solution_id), None)

    def _picture(self, url: str, instead: str) -> str:
        return url if url.startswith(f"{self.program_url}/") else instead

    def _for_this_server(self, text: str) -> str:
        config = (self.folder / CONFIG).read_text(encoding="utf-8")
        found = _BASE_URL.search(config)
        if found is None:
            raise ProjectError(f"{CONFIG} does not set BASE_URL")
        return text.replace(found[1], self.program_url)
