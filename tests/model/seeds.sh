#!/bin/sh
# seeds.sh - the small models that the fuzzers start from, one an operator or so, load and run; what the
# fuzzers once found is refused or runs, and says a sentence.
top=$(cd "${srcdir:-.}" && pwd)
tool=$PWD/src/process/model-tool
command -v python3 >/dev/null || { echo "skipped: python3 is not there"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$top/tests/fuzz/seeds.py" "$work" || exit 99
passed=0 failed=0

say() {
	echo "FAILED: $1: $(cat "$work/error")"
	failed=$((failed + 1))
}

# NonZero of what is not constant has another size in every run; External names a file that is not there.
for model in "$work"/onnx/* "$work"/tflite/*; do
	name=${model#"$work"/}
	"$tool" info --text "$model" >"$work/out" 2>"$work/error"
	code=$?
	case $name in
	onnx/NonZero | onnx/External) wanted=65 ;;
	*) wanted=0 ;;
	esac
	[ "$name" = onnx/External ] && [ $code = 66 ] && code=65
	if [ $code = $wanted ]; then passed=$((passed + 1)); else say "$name"; fi
done
for finding in "$top"/tests/fuzz/corpus/*/*; do
	"$tool" info --text "$finding" >"$work/out" 2>"$work/error"
	code=$?
	if [ $code = 0 ] || [ $code = 65 ] && [ -s "$work/out" -o -s "$work/error" ]; then
		passed=$((passed + 1))
	else
		say "$finding"
	fi
done
echo "$passed models, $failed failed"
[ $failed = 0 ] && [ $passed -gt 200 ]
