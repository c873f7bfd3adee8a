#!/usr/bin/env bash
# build/deb.sh [DIR]: makes exchange_VERSION_ARCH.deb in DIR (artifacts/ without it) from what build/publish.sh made,
# or from the published folder that EXCHANGE_PUBLISHED names. Prints the file.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
to=$(realpath -m "${1:-artifacts}")
published=${EXCHANGE_PUBLISHED:-$(build/publish.sh)}
version=$("$published/exchange" --version | sed -E 's/\+.*//')
case $(git describe --tags --exact-match 2>/dev/null) in
  v*) ;;
  *) version=$version+git$(git log -1 --format=%cd --date=format:%Y%m%d%H%M%S 2>/dev/null || echo 0) ;;
esac
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
umask 022
chmod 755 "$root"
mkdir -p "$root"/{DEBIAN,usr/bin,usr/lib,usr/share/doc/exchange,usr/share/bash-completion/completions} \
  "$root/usr/share/zsh/vendor-completions"
cp -r "$published" "$root/usr/lib/exchange"
ln -s ../lib/exchange/exchange "$root/usr/bin/exchange"
"$published/exchange" completion bash >"$root/usr/share/bash-completion/completions/exchange"
"$published/exchange" completion zsh >"$root/usr/share/zsh/vendor-completions/_exchange"
cp LICENSE "$root/usr/share/doc/exchange/copyright"
cp README.md CHANGELOG.md "$root/usr/share/doc/exchange/"
cp -r docs/operating "$root/usr/share/doc/exchange/operating"
chmod -R u=rwX,go=rX "$root/usr"
cat >"$root/DEBIAN/control" <<CONTROL
Package: exchange
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: The Exchange <exchange@localhost>
Section: net
Priority: optional
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: libc6, libgcc-s1, libstdc++6, zlib1g, libssl3 | libssl3t64, libgssapi-krb5-2, ca-certificates,
 tzdata, passwd, postgresql, libpangocairo-1.0-0, fonts-dejavu-core
Recommends: logrotate, systemd
Description: marketplace, meter and bill of shared research clouds
 The exchange takes usage from collectors, rates it by published price sheets,
 and issues invoices on which every cent can be followed down to the readings.
 .
 Run 'exchange install' as root to make it a service of this machine.
CONTROL
cat >"$root/DEBIAN/postinst" <<'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ] && [ -e /etc/systemd/system/exchange.service ]; then
  systemctl daemon-reload
  systemctl try-restart exchange.service
elif [ "$1" = configure ] && [ -z "$2" ]; then
  echo "Now run 'exchange install' as root: it makes the user, the directories and the service."
fi
SCRIPT
cat >"$root/DEBIAN/prerm" <<'SCRIPT'
#!/bin/sh
set -e
# The data, the settings and the unit stay: only the program goes.
if [ "$1" = remove ] && [ -d /run/systemd/system ] && [ -e /etc/systemd/system/exchange.service ]; then
  systemctl disable --now exchange.service
fi
SCRIPT
chmod 755 "$root"/DEBIAN/p*
mkdir -p "$to"
file=$to/exchange_${version}_$(dpkg --print-architecture).deb
dpkg-deb --build --root-owner-group -Zgzip -z6 "$root" "$file" >&2
echo "$file"
