# Sourced by the scripts beside it: what they all say and look for.

say() { printf '==> %s\n' "$*"; }

# Print each argument as a line on standard error, then leave with exit code 1.
stop() {
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Print the first usable interpreter: $PYTHON if set, else python3.11, else python3.
find_python() {
  local candidate
  for candidate in ${PYTHON:-python3.11 python3}; do
    if have "$candidate" &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

# Print the folder that holds PostgreSQL's server programs; Debian keeps them off PATH.
find_postgresql() {
  local folder
  for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
      printf '%s\n' "$folder"
      return 0
    fi
  done
  have initdb && have pg_ctl && dirname "$(command -v pg_ctl)"
}
