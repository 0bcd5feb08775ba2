#!/usr/bin/env bash
# Make sure the machine has what pip cannot bring.
#
#   setup/system.sh python   a Python 3.11 or newer that can make virtual environments
#   setup/system.sh tests    Chromium, a PostgreSQL server and Node, which only the tests use
#
# On Debian and its relatives what is missing is installed with apt-get (with sudo when the
# caller is not root), and said. Elsewhere what is missing is named, and the exit code is 1.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/common.sh

# Install Debian packages, or say what to install and stop.
# usage: install "what they are, in words" package...
install() {
  local words=$1
  shift
  if ! have apt-get; then
    stop "This machine lacks $words, and has no apt-get to install it with." \
      "Please install it, then try again. (Debian's packages for it: $*)"
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    have sudo || stop "This machine lacks $words, and there is no sudo to install it with." \
      "Please run as root:  apt-get install --no-install-recommends $*"
    as_root=(sudo)
  fi
  say "Installing $words: apt-get install $*"
  local log
  log=$(mktemp)
  if ! {
    "${as_root[@]}" apt-get update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes -qq --no-install-recommends "$@"
  } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    stop "apt-get could not install $*. Its whole output is in $log."
  fi
  rm -f "$log"
}

python() {
  local found
  if ! found=$(find_python); then
    install "Python" python3 python3-venv
    found=$(find_python) || stop "Python 3.11 or newer is needed." \
      "Please install it, or name it:  make PYTHON=/path/to/python3.11 …"
  fi
  if ! "$found" -c 'import ensurepip, venv' 2>/dev/null; then
    install "Python's virtual environments" \
      "$("$found" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    "$found" -c 'import ensurepip, venv' 2>/dev/null ||
      stop "$found still cannot make virtual environments (its venv and ensurepip modules)."
  fi
}

tests() {
  have chromium || have google-chrome || [ -n "${CHROMIUM:-}" ] ||
    install "the Chromium browser, for the browser tests" \
      chromium fonts-liberation fonts-roboto-unhinted
  # The program inside Playwright's package that drives the browser is linked to it.
  compgen -G '/usr/lib*/libatomic.so.1' >/dev/null || compgen -G '/usr/lib/*/libatomic.so.1' >/dev/null ||
    install "the library libatomic, for the browser tests" libatomic1
  if ! find_postgresql >/dev/null; then
    install "the PostgreSQL server, for the tests' own private cluster" postgresql
    find_postgresql >/dev/null || stop "PostgreSQL's initdb and pg_ctl are still not found."
  fi
  { have node && have npm; } ||
    install "Node and npm, for the tests of the Apps Script files" nodejs npm
}

case "${1:-}" in
  python | tests) "$1" ;;
  *) stop "usage: setup/system.sh python|tests" ;;
esac
