"""The Apps Script project the page runs is the one that ships."""

from pathlib import Path

import pytest

from sandbox.calendar.project import MANIFEST_FOLDER, Project, ProjectError

PROGRAM = "http://127.0.0.1:45678"


@pytest.fixture
def project() -> Project:
    return Project(program_url=PROGRAM, livestorm_url="http://127.0.0.1:45679")


def test_every_script_but_the_address_is_the_very_file(project: Project) -> None:
    names = project.script_names()

    assert "triggers.js" in names
    for name in names:
        shipped = (MANIFEST_FOLDER / name).read_text(encoding="utf-8")
        served = project.script(name)
        if name == "config.js":
            assert served == shipped.replace("http://127.0.0.1:8080", PROGRAM)
        else:
            assert served == shipped


@pytest.mark.parametrize("name", ["absent.js", "../setup.cfg", "appsscript.json", "tsconfig.json"])
def test_nothing_else_is_a_script(project: Project, name: str) -> None:
    assert project.script(name) is None


def test_the_whitelist_is_the_manifests(project: Project) -> None:
    assert project.may_fetch(f"{PROGRAM}/addon/home")
    assert not project.may_fetch("http://127.0.0.1:45679/v1/events")
    assert not project.may_fetch("https://example.org/")


def test_links_may_lead_to_the_livestorm_simulator(project: Project) -> None:
    prefixes = project.description("/{name}", "/logo.svg")["openLinkUrlPrefixes"]

    assert f"{PROGRAM}/" in prefixes
    assert "http://127.0.0.1:45679/" in prefixes


def test_the_page_learns_the_functions_to_call(project: Project) -> None:
    described = project.description("/s/{name}", "/logo.svg")

    source = "".join(project.script(name) or "" for name in project.script_names())
    called = [
        described["homepageFunction"],
        described["eventOpenFunction"],
        described["settingsFunction"],
        described["solutions"][0]["onCreateFunction"],
        described["universalActions"][0]["runFunction"],
    ]
    for name in called:
        assert f"function {name}(" in source
    assert described["solutions"][0]["logoUrl"] == "/logo.svg"
    assert "/s/config.js" in described["scripts"]


def test_a_folder_without_a_project_is_said(tmp_path: Path) -> None:
    project = Project(program_url=PROGRAM, livestorm_url="http://127.0.0.1:1", folder=tmp_path)

    with pytest.raises(ProjectError, match=r"appsscript\.json"):
        project.manifest()
