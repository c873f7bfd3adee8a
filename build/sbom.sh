#!/usr/bin/env bash
# build/sbom.sh [FILE]: writes what the product is made of as CycloneDX: every package of it, with version, hash and
# licence. After a build; by itself it restores the tool that writes it.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
to=${1:-artifacts/sbom/exchange.cdx.json}
version=$(git describe --tags --always 2>/dev/null || echo 0.0.0)
dotnet tool restore >/dev/null
dotnet dotnet-CycloneDX src/Portal/Portal.csproj --recursive --exclude-dev --disable-package-restore \
  --output "$(dirname "$to")" --filename "$(basename "$to")" --output-format Json \
  --set-name exchange --set-type Application --set-version "$version" >/dev/null
echo "$to"
