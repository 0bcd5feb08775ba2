#!/usr/bin/env bash
# Install the locked Node packages that check and test the Apps Script files.
# Fast when nothing is to do: npm is only asked when the lock differs from the last one.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/common.sh

stamp=manifest/node_modules/.installed
fingerprint=$(sha256sum manifest/package-lock.json)
if [ "$(cat "$stamp" 2>/dev/null)" = "$fingerprint" ]; then exit 0; fi
have npm || stop "npm is needed." "On Debian:  setup/system.sh tests"
say "Installing the locked Node packages of manifest/package-lock.json"
npm ci --prefix manifest --no-audit --no-fund --loglevel=error
printf '%s\n' "$fingerprint" >"$stamp"
