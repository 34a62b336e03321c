#!/usr/bin/env bash
# Makes a Python environment with iamctl of this checkout in it, and says where as "python=PATH".
#
# Python runs isolated (-I) everywhere: a folder of the repository that is looked at is no place for modules.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
environment=$RUNNER_TEMP/iamctl-environment

# without packages that an earlier job has left
"${PYTHON:-python3}" -I -m venv --clear "$environment"
python=$environment/bin/python
"$python" -I -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    -r "$here/requirements/run.txt"
# a path in place of a build, which would fetch its tools without hashes
packages=$("$python" -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$here" > "$packages/iamctl.pth"
"$python" -I -m iamctl --version
echo "python=$python" >> "${GITHUB_OUTPUT:-/dev/stdout}"
