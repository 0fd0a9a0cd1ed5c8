#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that pip cannot bring.
#
#   scripts/system_packages.sh fluidsynth chromium:chromium,chromium-browser,google-chrome
#
# Each argument is PACKAGE, or PACKAGE:COMMAND,COMMAND... when the command that proves it is there has another
# name. Nothing happens when all are there. Without root or a password-free sudo it names the one command to run.
set -euo pipefail

is_there() {
    local command
    for command in ${1//,/ }; do
        command -v "$command" >/dev/null && return 0
    done
    return 1
}

missing=()
for argument in "$@"; do
    package=${argument%%:*}
    is_there "${argument#*:}" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "Earsight needs ${missing[*]}: run 'sudo apt-get install -y ${missing[*]}' and then repeat." >&2
        exit 1
    fi
    as_root=(sudo -n)
fi
if ! command -v apt-get >/dev/null; then
    echo "Earsight needs ${missing[*]}: install them with this system's package manager and then repeat." >&2
    exit 1
fi

echo "Installing system packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
