# What the product needs from the distribution. Sourced by ./exchange and ./test.
# Each line of `needs`: a test that says whether it is there, and the Debian packages that bring it.

say() { printf '%s\n' "$*" >&2; }

has_postgres() {
  command -v pg_ctl >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null ||
    compgen -G '/usr/pgsql-*/bin/pg_ctl' >/dev/null
}
# Not through a pipe: a reader that has seen enough would end the writer, and with pipefail that is a "no".
has_library() { [[ $(ldconfig -p 2>/dev/null) == *"$1"* ]]; }
has_command() { command -v "$1" >/dev/null 2>&1; }
has_font() { compgen -G '/usr/share/fonts/truetype/dejavu/*.ttf' >/dev/null || { has_command fc-list && [ -n "$(fc-list 2>/dev/null | head -1)" ]; }; }

# install PACKAGE…: from the distribution when we may, else say exactly what to run.
install() {
  if [ "$(id -u)" != 0 ] || ! has_command apt-get; then
    say "Missing: $*. Install it with:  sudo apt-get install --no-install-recommends $*"
    return 1
  fi
  say "Installing $* …"
  local log; log=$(mktemp)
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    # The distribution would start a server of its own; the product runs a private one.
    mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Options::=--force-confold "$@" >>"$log" 2>&1 </dev/null; }
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e $policy ]; then
    # A server must not be started by being installed; tests start their own.
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && ours=$policy
  fi
  local failed=
  apt_get install -y --no-install-recommends "$@" || { apt_get update && apt_get install -y --no-install-recommends "$@"; } || failed=1
  [ -z "$ours" ] || rm -f "$ours"
  if [ -z "$failed" ]; then
    rm -f "$log"
  else
    say "Could not install $*. What apt-get said:"; tail -n 15 "$log" >&2; rm -f "$log"
    return 1
  fi
}

# need_to_run: what any command that keeps its own database or draws an invoice needs.
need_to_run() {
  local missing=()
  has_postgres || missing+=(postgresql)
  has_library libpangocairo-1.0 || missing+=(libpangocairo-1.0-0)
  has_font || missing+=(fonts-dejavu-core)
  [ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
}

need_dotnet() {
  has_command dotnet && [[ $(dotnet --list-sdks 2>/dev/null) =~ (^|$'\n')1[0-9]\. ]] && return 0
  say "The .NET 10 SDK was not found. Install it (package dotnet-sdk-10.0, or from the .NET download page) and try again."
  return 1
}
