#!/usr/bin/env bash
# Bring .venv to exactly what a lock file says, and install the program into it.
#
#   setup/environment.sh runtime   what running needs
#   setup/environment.sh dev       that, and what testing and checking need
#
# Fast when nothing is to do: a stamp in .venv remembers what was installed from which lock.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/common.sh

which_lock=${1:-}
case "$which_lock" in
  runtime | dev) ;;
  *) stop "usage: setup/environment.sh runtime|dev" ;;
esac

# What an installation depends on: the lock, our own metadata, and where the checkout is
# (the scripts in .venv/bin name it).
fingerprint() { { cat "requirements/$1.txt" setup.cfg pyproject.toml && pwd; } | sha256sum; }

installed() { [ "$(cat ".venv/installed-$1" 2>/dev/null)" = "$(fingerprint "$1")" ]; }

if .venv/bin/python -c '' 2>/dev/null; then
  # The development lock holds the runtime lock whole (tests/test_repository.py).
  if installed dev || installed "$which_lock"; then exit 0; fi
else
  found=$(find_python) || stop "Python 3.11 or newer is needed."
  say "Making the environment in .venv with $found"
  "$found" -m venv --clear .venv
fi

say "Installing the locked packages of requirements/$which_lock.txt (a minute or two at first)"
pip=(.venv/bin/python -m pip --disable-pip-version-check --no-input --quiet)
"${pip[@]}" install --require-hashes --requirement "requirements/$which_lock.txt"
"${pip[@]}" install --no-deps --no-build-isolation --editable .
rm -f .venv/installed-*
fingerprint "$which_lock" >".venv/installed-$which_lock"
