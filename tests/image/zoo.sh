#!/bin/sh
# Pictures of the zoo (not part of this repository), decoded and resized: as its references.
zoo=${EDGED_SHARED:-$srcdir/../shared}/modelzoo
[ -d "$zoo" ] || { echo "skipped: $zoo is not here (EDGED_SHARED names the folder above it)"; exit 77; }
exec tests/image/zoo "$zoo"
