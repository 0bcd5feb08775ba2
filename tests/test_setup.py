"""What `make` does on machines that lack something, tried on machines made of a few programs."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# What every Debian has: the "essential" packages, as far as the scripts use them.
ESSENTIAL = ("bash", "cat", "dirname", "env", "mktemp", "rm", "sort", "tail")

NODE = {"node": "exit 0", "npm": "exit 0"}
CHROMIUM = {"chromium": "exit 0"}


class Machine:
    """A machine whose PATH has the essential programs and the given stand-ins only."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.calls = programs.parent / "calls"
        self.calls.touch()
        for name in ESSENTIAL:
            found = shutil.which(name)
            assert found
            (programs / name).symlink_to(found)

    def have(self, **programs: str) -> None:
        """Add programs: their names with `_` for `-`, and what they do after noting the call."""
        for name, body in programs.items():
            file = self.programs / name.replace("_", "-")
            file.write_text(
                f'#!{shutil.which("bash")}\necho "{file.name} $*" >>{self.calls}\n{body}\n'
            )
            file.chmod(0o755)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one of the set-up scripts."""
        return subprocess.run(
            [ROOT / "setup" / command[0], *command[1:]],
            env={"PATH": str(self.programs)},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that has nothing but the essential programs, and root at the keyboard."""
    (tmp_path / "bin").mkdir()
    machine = Machine(tmp_path / "bin")
    machine.have(id="echo 0")
    return machine


def test_without_apt_it_names_what_to_install(machine: Machine) -> None:
    machine.have(**NODE)
    done = machine.run("system.sh", "tests")
    assert done.returncode == 1
    assert "lacks the Chromium browser" in done.stderr
    assert "chromium" in done.stderr.splitlines()[-1]


def test_with_apt_it_installs_and_says_so(machine: Machine) -> None:
    machine.have(**NODE, apt_get="exit 0")
    done = machine.run("system.sh", "tests")
    assert done.returncode == 0, done.stderr
    assert "==> Installing the Chromium browser" in done.stdout
    calls = [line for line in machine.calls.read_text().splitlines() if "apt-get" in line]
    assert calls[0] == "apt-get update -qq"
    assert calls[1].startswith("apt-get install --yes")
    assert "chromium" in calls[1].split()


def test_an_ordinary_user_installs_through_sudo(machine: Machine) -> None:
    machine.have(**NODE, apt_get="exit 0", id="echo 1000", sudo='exec "$@"')
    assert machine.run("system.sh", "tests").returncode == 0
    assert "sudo apt-get update -qq" in machine.calls.read_text()


def test_without_sudo_the_command_for_root_is_named(machine: Machine) -> None:
    machine.have(**NODE, apt_get="exit 0", id="echo 1000")
    done = machine.run("system.sh", "tests")
    assert done.returncode == 1
    assert "Please run as root:  apt-get install" in done.stderr
    assert "apt-get" not in machine.calls.read_text()


def test_what_apt_says_is_shown_when_it_fails(machine: Machine) -> None:
    machine.have(**NODE, apt_get="echo no such package >&2; exit 100")
    done = machine.run("system.sh", "tests")
    assert done.returncode == 1
    assert "no such package" in done.stderr
    assert "could not install chromium" in done.stderr


def test_nothing_is_installed_when_nothing_is_missing(machine: Machine) -> None:
    machine.have(**NODE, **CHROMIUM, apt_get="exit 0")
    done = machine.run("system.sh", "tests")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "apt-get" not in machine.calls.read_text()


def test_an_old_python_is_refused_and_the_needed_one_named(machine: Machine) -> None:
    machine.have(python3="exit 1")
    done = machine.run("system.sh", "python")
    assert done.returncode == 1
    assert "lacks Python" in done.stderr


def test_missing_virtual_environments_are_installed_for_that_python(machine: Machine) -> None:
    # A python3 of the right age without ensurepip, as Debian's is, until apt-get has run.
    machine.have(
        python3=(
            'case "$2" in\n'
            f"*ensurepip*) [ -e {machine.programs}/installed ] ;;\n"
            "*print*) echo python3.11-venv ;;\n"
            "esac"
        ),
        apt_get=f'[ "$1" = update ] || echo >{machine.programs}/installed',
    )
    done = machine.run("system.sh", "python")
    assert done.returncode == 0, done.stderr
    assert "python3.11-venv" in done.stdout


@pytest.mark.parametrize("command", [["system.sh"], ["system.sh", "rm"], ["environment.sh", "x"]])
def test_scripts_say_how_they_are_used(machine: Machine, command: list[str]) -> None:
    done = machine.run(*command)
    assert done.returncode == 1
    assert "usage: setup/" in done.stderr
