#!/bin/sh
# Installs on Debian every mail client and mail server that tests/peers talks to.
set -eu
cd "$(dirname "$0")"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --quiet --no-install-recommends "$@"
}

# The names of the libraries that packages need.
libraries_of() {
    apt-cache depends "$@" | sed -n 's/^ *Depends: \(lib[^ ]*\)$/\1/p' | sort -u
}

# Unpacks packages without installing them.
unpack_into() {
    folder=$1
    shift
    downloads=$(mktemp -d)
    (cd "$downloads" && apt-get download --quiet "$@")
    as_root mkdir -p "$folder"
    for package in "$downloads"/*.deb; do
        as_root dpkg-deb --extract "$package" "$folder"
    done
    rm -r "$downloads"
}

as_root apt-get update --quiet

# Unconfigured, Postfix does not start: the tests start it with files of their own.
echo "postfix postfix/main_mailer_type select No configuration" |
    as_root debconf-set-selections

apt_install swaks curl msmtp gsasl openssl postfix haproxy \
    libnet-ssleay-perl libio-socket-ssl-perl
command -v npm >/dev/null || apt_install nodejs npm

# Exim refuses to be installed next to Postfix, and an installed nginx would start.
apt_install $(libraries_of exim4-daemon-light nginx)
unpack_into /usr/local/lib/smtpsession-peers \
    exim4-daemon-light nginx libnginx-mod-mail

# Exim looks this user up before it reads any configuration.
getent passwd Debian-exim >/dev/null ||
    as_root useradd --system --user-group --no-create-home \
        --home-dir /nonexistent --shell /usr/sbin/nologin Debian-exim

npm install --no-package-lock --no-audit --no-fund
