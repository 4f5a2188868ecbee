#!/bin/sh
# Installs on Debian every mail client that tests/peers delivers with, and the proxy.
set -eu
cd "$(dirname "$0")"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet --no-install-recommends "$@"
}

as_root apt-get update --quiet

# Only smtp-source is wanted of Postfix: unconfigured, its daemon does not start.
echo "postfix postfix/main_mailer_type select No configuration" |
    as_root debconf-set-selections

apt_install swaks curl msmtp openssl postfix haproxy \
    libnet-ssleay-perl libio-socket-ssl-perl
command -v npm >/dev/null || apt_install nodejs npm

npm install --no-package-lock --no-audit --no-fund
