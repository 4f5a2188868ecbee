#!/bin/sh
# Install what the benchmarks compare with: Postfix's smtp-source and smtp-sink,
# Node's smtp-server, and aiosmtpd in the environment of $PYTHON (default: python).
set -eu

cd "$(dirname "$0")"
PATH="$PATH:/usr/sbin"
python="${PYTHON:-python}"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@"
}

if ! command -v smtp-source >/dev/null || ! command -v npm >/dev/null; then
    as_root apt-get update
fi

if ! command -v smtp-source >/dev/null; then
    # Only the two test programs are wanted, so Postfix itself stays unconfigured.
    echo "postfix postfix/main_mailer_type select No configuration" |
        as_root debconf-set-selections
    apt_install postfix
fi

if ! command -v npm >/dev/null; then
    apt_install nodejs npm
fi

npm install --no-package-lock --no-audit --no-fund
"$python" -m pip install aiosmtpd
