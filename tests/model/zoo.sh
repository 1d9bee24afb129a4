#!/bin/sh
# Reference tensors of the model zoo and of single operators (not part of this repository).
zoo=${EDGED_SHARED:-$srcdir/../shared}/modelzoo
[ -d "$zoo" ] || { echo "skipped: $zoo is not here (EDGED_SHARED names the folder above it)"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
exec python3 "$srcdir/tests/model/zoo.py" src/process/model-tool "$zoo"
