#!/usr/bin/env bash
# build/publish.sh [DIR]: writes a program that needs no .NET on the machine it runs on, with the price sheets beside
# it. Without DIR into artifacts/published. Prints the directory.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
to=$(realpath -m "${1:-artifacts/published}")
case $(uname -m) in
  x86_64) runtime=linux-x64 ;;
  aarch64) runtime=linux-arm64 ;;
  *) echo "There is no runtime for $(uname -m) here: publish on x86_64 or aarch64." >&2; exit 3 ;;
esac
# In folders of its own, with lock files of its own: what is restored for a runtime is not what the build restored.
work=$PWD/artifacts/publishing
rm -rf "$to"
dotnet publish src/Portal --configuration Release --runtime "$runtime" --self-contained true --verbosity quiet \
  -p:PublishReadyToRun=true -p:RunAnalyzers=false -p:DebugType=none -p:GenerateDocumentationFile=false \
  -p:ArtifactsPath="$work/" -p:NuGetLockFilePath="$work/packages.lock.json" -p:RestoreLockedMode=false \
  --output "$to" >&2
rm -rf "$to/Script" "$to"/*.xml "$to"/*.pdb "$to/createdump" "$to/packages.lock.json"
cp -r pricing "$to/pricing"
chmod -R u=rwX,go=rX "$to"
echo "$to"
