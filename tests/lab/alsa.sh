#!/bin/bash
# Microphones with the kernel's own drivers, in a virtual machine: `make lab-alsa LAB=path/to/lab`. What
# the machine does stands in alsa-guest.sh. From the build folder, with $srcdir set; not part of make check.
set -eu
lab=${LAB:?LAB names the lab program}
stage=$(mktemp -d "$PWD/lab-alsa-XXXXXX")
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/src/process" "$stage/share"
cp src/edged src/edgectl "$stage/src/"
for role in capture devices pipeline pipeline-blas publish describe; do
	cp "src/process/$role" "$stage/src/process/"
done
cp -rL share/models "$stage/share/"
cp "$srcdir/tests/lab/alsa-guest.sh" "$stage/"
sox "$srcdir/models/quickstart.flac" -b 16 -c 2 -r 48000 "$stage/hello.wav" pad 1 1
"$lab" -a amd64 -t 280 -d "$stage" run 'lab-devices audio && sh ./alsa-guest.sh'
