#!/bin/sh
# The picture models of the zoo (not part of this repository), each with a card of its own, through --once.
zoo=${EDGED_SHARED:-$srcdir/../shared}/modelzoo
[ -d "$zoo" ] || { echo "skipped: $zoo is not here (EDGED_SHARED names the folder above it)"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
exec python3 "$srcdir/tests/once/pictures.py" "$PWD/src/edged" "$zoo"
