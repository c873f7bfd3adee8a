#!/usr/bin/env bash
# build/try-install.sh [DEB]: from a bare Debian to a charge on a page, and how long that took.
# Needs root and Debian's mirror; everything is in a directory below /var/tmp and in a process space of its own, and is
# gone afterwards. Without DEB build/deb.sh makes one first. Exit 3: this machine cannot try it, and why.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# The mirror is the one that this machine installs from.
mirrors() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | sort -u; }
suite=bookworm mirror=${EXCHANGE_MIRROR:-$(mirrors | head -n 1)}

if [ "${1:-}" != --inside ]; then
  [ "$(id -u)" = 0 ] || { echo 'Run it as root: it makes a system of its own below /var/tmp.' >&2; exit 3; }
  command -v debootstrap >/dev/null || apt-get install -y --no-install-recommends debootstrap >/dev/null 2>&1 ||
    { echo 'debootstrap is not here and cannot be installed: apt-get install debootstrap' >&2; exit 3; }
  deb=${1:-$("$here/deb.sh")}
  root=$(mktemp -d /var/tmp/exchange-bare.XXXXXX)
  chmod 755 "$root"
  trap 'rm -rf --one-file-system "$root"' EXIT
  # What is mounted and started in there ends with it: mounts and processes are of a space of their own.
  unshare --mount --pid --fork --kill-child bash "${BASH_SOURCE[0]}" --inside "$root" "$(readlink -f "$deb")"
  exit
fi

root=$2 deb=$3 began=$SECONDS
step() { printf '%4d s  %s\n' $((SECONDS - began)) "$*"; }
fail() { echo "FAILED: $*" >&2; tail -n 20 "$root/tmp/log" "$root/tmp/serve" >&2 || true; exit 1; }
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
as() { inside runuser -u exchange -- "$@"; }

debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 ||
  { tail -n 5 "$root.log" >&2; rm -f "$root.log"; echo "A bare Debian cannot be had from $mirror." >&2; exit 3; }
rm -f "$root.log"
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"
step "a bare Debian ($suite): $(inside sh -c 'dpkg -l | grep -c ^ii') packages"

# The exchange keeps a database of its own; the distribution need not make another.
mkdir -p "$root/etc/postgresql-common"
echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"
cp "$deb" "$root/tmp/exchange.deb"
inside apt-get update >"$root/tmp/log" 2>&1 || fail 'apt-get update'
inside apt-get install -y --no-install-recommends /tmp/exchange.deb >>"$root/tmp/log" 2>&1 || fail 'the package does not install'
step "the package and what it needs: $(inside exchange --version)"
! inside sh -c 'command -v dotnet' || fail 'there is a .NET here, so this proves nothing'

port=$((20000 + RANDOM % 20000)) url=http://127.0.0.1
url=$url:$port
inside exchange install --urls "$url" || fail 'exchange install'
[ "$(stat -c '%a' "$root/var/lib/exchange")" = 700 ] || fail 'the data directory is open'
step 'exchange install'

as exchange serve >"$root/tmp/serve" 2>&1 &
for _ in $(seq 600); do
  curl -fs "$url/health/ready" >/dev/null && break
  kill -0 $! 2>/dev/null || fail 'exchange serve ended'
  sleep 0.2
done
curl -fs "$url/health/ready" >/dev/null || fail 'it is not ready after two minutes'
step 'exchange serve is ready'
as exchange doctor || fail 'exchange doctor'
step 'exchange doctor'

jar=$root/tmp/jar
link=$(as exchange sign-in-link --as operator 2>/dev/null)
curl -fsL -b "$jar" -c "$jar" -o "$root/tmp/operator.html" "$link" || fail "the link $link"
curl -fs -b "$jar" "$url/operator" | grep -q 'Waiting in quarantine' || fail 'the first operator is not signed in'
curl -s -o "$root/tmp/again.html" -w '%{http_code}' "$link" | grep -q '^4' || fail 'the link works twice'
step 'the first operator is signed in'

printf 'cluster,project,name,pi\nstack,p-1,genomes,ada@example.org\n' >"$root/tmp/projects.csv"
as exchange projects import /tmp/projects.csv >/dev/null || fail 'projects import'
key=$(as exchange keys create --name first --landlord nerc --scope usage --json | sed -n 's/.*"key": "\(.*\)".*/\1/p')
day=$(date -u +%Y-%m-01) # The first hour of this month, or of the last one on its first day.
[ "$(date -u +%d)" != 01 ] || day=$(date -u -d "$day - 1 month" +%Y-%m-01)
curl -fs "$url/v1/usage" -H "Authorization: Bearer $key" -H 'Content-Type: application/cloudevents+json' -d '{
  "specversion": "1.0", "id": "first", "source": "urn:first", "type": "exchange.usage.interval.v1", "subject": "vm-1",
  "time": "'"$day"'T10:00:00Z", "data": {"landlord": "nerc", "cluster": "stack", "project": "p-1", "kind": "vm",
  "from": "'"$day"'T00:00:00Z", "to": "'"$day"'T10:00:00Z", "state": "running",
  "shape": {"vcpu": "16", "ram_mib": "65536"}}}' >"$root/tmp/usage.json" || fail 'the reading is not taken'
step "a reading: $(tr -d ' \n' <"$root/tmp/usage.json")"

as exchange rate --month "${day%-*}" --json >"$root/tmp/rated.json" || fail 'exchange rate'
amount=$(grep -oE '"amount": "[0-9.]+ USD"' "$root/tmp/rated.json" | head -1 | grep -oE '[0-9]+\.[0-9]+')
rm -f "$jar"
curl -fsL -b "$jar" -c "$jar" -o /dev/null "$(as exchange sign-in-link --as pi --of ada@example.org 2>/dev/null)"
for _ in $(seq 100); do # Pages show what was rated last, which a server does by itself within some seconds.
  curl -fs -b "$jar" "$url/pi?month=${day%-*}" >"$root/tmp/pi.html"
  grep -qF "$amount" "$root/tmp/pi.html" && break
  sleep 0.2
done
grep -qF "$amount" "$root/tmp/pi.html" || fail "the page of the PI does not show $amount"
step "its charge on the PI's page: $amount USD"

as exchange stop >/dev/null || true
step 'from a bare Debian to a charge on a page'
