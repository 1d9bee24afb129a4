#!/bin/sh
# The same bits on aarch64 as on the machine that wrote hashes.expected: compiled for it, run by
# qemu. Another compiler or optimization: EDGED_CROSS_CC, EDGED_CROSS_CFLAGS.
cc=${EDGED_CROSS_CC:-aarch64-linux-gnu-gcc}
src=$(cd "${srcdir:-.}" && pwd) || exit 99

for tool in "$cc" qemu-aarch64-static; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIP aarch64: no $tool (packages gcc-aarch64-linux-gnu, libc6-dev-arm64-cross," \
			"qemu-user-static)"
		exit 77
	fi
done

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2086
"$cc" -std=gnu17 -D_GNU_SOURCE -ffp-contract=off -fno-strict-aliasing \
	${EDGED_CROSS_CFLAGS:--O2} -static -I"$src" -I"$src/src" -o "$work/hashes" \
	"$src/tests/signal/hashes.c" "$src/tests/signal/support.c" "$src/tests/signal/presets.c" \
	"$src"/src/signal/*.c "$src/src/base/arena.c" "$src/src/base/fault.c" \
	"$src/src/base/math.c" -lm || exit 1

if qemu-aarch64-static "$work/hashes" | diff "$src/tests/signal/hashes.expected" -; then
	echo "aarch64: $(wc -l <"$src/tests/signal/hashes.expected") hashes equal"
else
	echo "aarch64: hashes differ"
	exit 1
fi
