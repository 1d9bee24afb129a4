#!/bin/sh
# What src/image computes has the same bits here, and on aarch64 (compiled for it, run by qemu), as where hashes.expected
# was written.
cc=${EDGED_CROSS_CC:-aarch64-linux-gnu-gcc}
src=$(cd "${srcdir:-.}" && pwd) || exit 99
expected=$src/tests/image/hashes.expected

./tests/image/hashes | diff "$expected" - || { echo "hashes: differ from $expected"; exit 1; }
echo "hashes: $(wc -l <"$expected") equal"
for tool in "$cc" qemu-aarch64-static; do
	command -v "$tool" >/dev/null && continue
	echo "skipped: no $tool (packages gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, qemu-user-static)"
	exit 77
done

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$src/src" || exit 99
# shellcheck disable=SC2086
"$cc" -std=gnu17 -D_GNU_SOURCE -ffp-contract=off -fno-strict-aliasing ${EDGED_CROSS_CFLAGS:--O2} -static -I. \
	-o "$work/hashes" ../tests/image/hashes.c image/axis.c image/colour.c image/crop.c image/normalize.c \
	image/picture.c image/resize.c image/shape.c base/arena.c base/math.c base/sha256.c -lm || exit 1
qemu-aarch64-static "$work/hashes" | diff "$expected" - || { echo "aarch64: hashes differ"; exit 1; }
echo "aarch64: $(wc -l <"$expected") hashes equal"
