#!/usr/bin/env bash
# Makes the environment the goldens are recorded in: real Keras on TensorFlow 1.15.5, under Python 3.7.
#
#   legacy_env.sh DIR [KERAS_VERSION]        KERAS_VERSION: 2.3.1 (the default) or 2.2.4
#   DIR/bin/python tests/goldens/record.py
#
# Every version is pinned in requirements-legacy.txt. About 1 GB on disk and two minutes.
set -euo pipefail

directory=${1:?usage: legacy_env.sh DIR [KERAS_VERSION]}
keras=${2:-2.3.1}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# A candidate counts only if it runs: pyenv puts a `python3.7` on PATH that refuses to start unless 3.7 is selected.
runs_37() { [[ $("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) == 3.7 ]]; }

find_python37() {
  local candidate
  local pyenv_root=${PYENV_ROOT:-$HOME/.pyenv}
  while IFS= read -r candidate; do
    if [[ -x $candidate ]] && runs_37 "$candidate"; then
      echo "$candidate"
      return
    fi
  done < <(type -aP python3.7 python3 python; ls -d "$pyenv_root"/versions/3.7.*/bin/python 2>/dev/null)
  return 1
}

if ! python=$(find_python37); then
  echo "legacy_env.sh: no Python 3.7 that runs, on PATH or among pyenv's versions." >&2
  echo "TensorFlow 1.15 has no wheel for a newer Python. Install one, for example with: pyenv install 3.7" >&2
  exit 1
fi

"$python" -m venv "$directory"
"$directory/bin/pip" install --quiet --disable-pip-version-check \
  --requirement "$here/requirements-legacy.txt" "keras==$keras"
"$directory/bin/python" -c \
  "import keras, tensorflow; print('Keras', keras.__version__, 'on TensorFlow', tensorflow.__version__)" 2>/dev/null
