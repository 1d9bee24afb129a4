#!/bin/sh
# Every broken configuration is refused with the findings beside it, at the right line and column.
# `broken.sh --write` writes what edged says now; read the difference before you commit it.
edged=$PWD/src/edged
folder=$(cd "${srcdir:-.}/tests/config/broken" && pwd)
passed=0 failed=0

cd "$folder" || exit 99
for file in *.yaml; do
	expected=${file%.yaml}.out
	found=$(timeout 10 "$edged" --check-config --config "$file" 2>&1)
	code=$?
	found=$(printf '%s\n' "$found" | grep -v 'was built without')
	if [ "$1" = --write ]; then
		printf '%s\n' "$found" >"$expected"
	fi
	if [ "$code" = 78 ] && [ "$found" = "$(cat "$expected")" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL %s: exit %s, said\n%s\ninstead of\n%s\n' "$file" "$code" "$found" "$(cat "$expected")"
	fi
done
echo "broken configurations: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -ge 50 ]
