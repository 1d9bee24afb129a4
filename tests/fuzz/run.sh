#!/bin/sh
# run.sh SECONDS|short [tflite|onnx] - fuzzes the readers with libFuzzer and sanitizers.
# SECONDS a reader, on top of the corpus that is checked in; `short`: a fixed number of runs with a fixed
# seed (CI). New inputs and findings go to $FUZZ_DIR (build-fuzz beside the sources, if not given);
# FUZZ_SANITIZERS=memory looks for what is read before it is set (with a FUZZ_DIR of its own).
set -eu
export ASAN_OPTIONS=quarantine_size_mb=16 # else freed memory counts against the limit
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=${FUZZ_DIR:-$top/build-fuzz}
long=${1:-600}
readers=${2:-tflite onnx}

if ! echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, long n) { return d[0] == n; }' |
	clang -x c -fsanitize=fuzzer - -o /dev/null 2>/dev/null; then
	echo "skipped: fuzzing (clang with its libFuzzer is not there)"
	exit 77
fi
mkdir -p "$dir"
sanitizers=${FUZZ_SANITIZERS:-address,undefined}
flags="-g -O1 -std=gnu17 -fsanitize=fuzzer-no-link,$sanitizers -fno-sanitize-recover=all -ffp-contract=off
	-I$top/src -I$top -DPACKAGE_VERSION=\"fuzz\" -D_GNU_SOURCE"
sources="$(ls "$top"/src/base/*.c "$top"/src/tensor/*.c "$top"/src/nn/*.c "$top"/src/nn/ops/*.c \
	"$top"/src/nn/kernels/*.c "$top"/src/nn/kernels/ref/*.c "$top"/src/model/onnx/*.c |
	grep -v gemm_openblas) $top/src/model/flat.c $top/src/model/flex.c $top/src/model/sparse.c
	$top/src/model/tflite.c $top/src/model/tflite_nodes.c $top/src/model/tflite_tensors.c $top/src/model/tflite_options.c"
objects=
for source in $sources "$top"/tests/fuzz/fuzz.c "$top"/tests/fuzz/mutate_flat.c "$top"/tests/fuzz/mutate_proto.c; do
	object=$dir/$(echo "${source#"$top"/}" | tr / _).o
	objects="$objects $object"
	if [ ! "$object" -nt "$source" ]; then
		# shellcheck disable=SC2086
		clang $flags -c "$source" -o "$object"
	fi
done
python3 "$top/tests/fuzz/seeds.py" "$dir/seeds"
for reader in $readers; do
	# shellcheck disable=SC2086
	clang $flags -fsanitize=fuzzer "$top/tests/fuzz/fuzz_$reader.c" $objects -o "$dir/fuzz_$reader" \
		-Wl,--wrap=calloc -Wl,--wrap=aligned_alloc -lm
	mkdir -p "$dir/corpus-$reader"
	if [ "$long" = short ]; then
		limit="-runs=20000 -seed=1 -max_total_time=25"
	else
		limit="-max_total_time=$long"
	fi
	# shellcheck disable=SC2086
	"$dir/fuzz_$reader" "$dir/corpus-$reader" "$top/tests/fuzz/corpus/$reader" "$dir/seeds/$reader" \
		-dict="$top/tests/fuzz/$reader.dict" -timeout=10 -rss_limit_mb=512 -max_len=16384 \
		-artifact_prefix="$dir/finding-$reader-" -print_final_stats=1 $limit \
		>"$dir/log-$reader" 2>&1 || { tail -40 "$dir/log-$reader"; exit 1; }
	sed -n "s/^stat::number_of_executed_units: */$reader: runs /p" "$dir/log-$reader"
done
