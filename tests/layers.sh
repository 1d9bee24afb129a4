#!/bin/sh
# No folder of src includes a header of a folder below it in the list (the data's way).
cd "${srcdir:-.}/src" || exit 99
order="base config settings tensor signal image nn model workshop decide pipeline ipc input output tier process"

place() {
	number=0
	for folder in $order; do
		number=$((number + 1))
		[ "$folder" = "$1" ] && echo "$number" && return
	done
	echo 0
}

wrong=0 seen=0
for file in $(find . -mindepth 2 -name '*.[chS]' -o -mindepth 2 -name '*.def' | sort); do
	own=$(echo "$file" | cut -d/ -f2)
	own_place=$(place "$own")
	if [ "$own_place" = 0 ]; then
		echo "src/$own is not in the list of folders"
		wrong=$((wrong + 1))
	fi
	for header in $(sed -n 's/^#include "\([a-z_]*\)\/.*/\1/p' "$file" | sort -u); do
		seen=$((seen + 1))
		header_place=$(place "$header")
		if [ "$header_place" = 0 ] || [ "$header_place" -gt "$own_place" ]; then
			echo "src/${file#./} includes a header of $header, which stands below $own"
			wrong=$((wrong + 1))
		fi
	done
done
# Two exceptions stand in the list's own words: nn knows neither files nor YAML, decide no samples.
for pair in image:signal image:tensor nn:config nn:settings tensor:config decide:signal decide:nn decide:model ipc:pipeline input:pipeline; do
	if grep -rq "#include \"${pair#*:}/" "${pair%:*}" 2>/dev/null; then
		grep -rn "#include \"${pair#*:}/" "${pair%:*}"
		wrong=$((wrong + 1))
	fi
done
echo "layers: $seen includes seen, $wrong wrong"
[ "$wrong" = 0 ] && [ "$seen" -gt 50 ]
