#!/bin/bash
# The judged promise: what `edgectl why --not` suggests, applied, turns the verdict; half of it does not.
# For each setting a word of the recording is kept from being decided by that setting alone.
edged=$PWD/src/edged edgectl=$PWD/src/edgectl build=$PWD
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
check() {	# check 'sentence' command...
	sentence=$1
	shift
	if "$@"; then echo "ok: $sentence"; else echo "FAILED: $sentence"; failures=$((failures + 1)); fi
}

write_config() {	# write_config 'decide line'
	sed "s|models/keywords|$build/share/models/keywords|; s|- decide:.*|$1|" \
		"$srcdir/conf/keywords-once.yaml" >"$work/k.yaml"
}
judge() {	# judge 'decide line': one line a decision, "seconds label"
	write_config "$1"
	"$edged" --once "$build/share/quickstart.flac" --config "$work/k.yaml" --json --trace-file "$work/k.trace" |
		jq -r '"\(.end) \(.label)"'
}
decided() {	# decided label from to: among the last decisions
	awk -v label="$1" -v from="$2" -v to="$3" '$2 == label && $1 >= from && $1 <= to { found = 1 } END { exit !found }' \
		"$work/decisions"
}
not_decided() { ! decided "$@"; }
why() { "$edgectl" why --trace-file "$work/k.trace" --json "$@"; }
half() {	# half 'from' 'to' 'key': whole numbers stay on the side of what is
	jq -n --argjson f "$1" --argjson t "$2" --arg k "$3" \
		'($f + $t) / 2 | if $k == "at_least" then (if $t < $f then ceil else floor end) else . end'
}

# turn 'name' 'decide line' label place-in-seconds key...: the keys that must change, and no others
turn() {
	name=$1 line=$2 label=$3 at=$4
	shift 4
	judge "$line" >"$work/decisions"
	check "$name: '$label' is not decided" not_decided "$label" $((at - 1)) $((at + 2))
	why --not "$label" --at "$at s" --within '1 s' >"$work/answer"
	check "$name: the answer names $*" [ "$(jq -r '.change.settings[].key' "$work/answer" | sort | xargs)" = "$*" ]
	yaml=$(jq -r .change.yaml "$work/answer")
	judge "$yaml" >"$work/decisions"
	check "$name: with $yaml it is" decided "$label" $((at - 1)) $((at + 2))
	for key in "$@"; do
		from=$(jq ".change.settings[] | select(.key == \"$key\") | .from" "$work/answer")
		to=$(jq ".change.settings[] | select(.key == \"$key\") | .to" "$work/answer")
		yaml=$(echo "$yaml" | sed "s|$key: [^,}]*|$key: $(half "$from" "$to" "$key")|")
	done
	judge "$yaml" >"$work/decisions"
	check "$name: with half of it, $yaml, it is not" not_decided "$label" $((at - 1)) $((at + 2))
}

turn threshold '- decide: {threshold: 0.9999, margin: 0.2, at_least: 2, hold: 1 s}' off 9 threshold
turn "a weak word" '- decide: {threshold: 0.9, margin: 0.2, at_least: 2, hold: 1 s}' yes 7 threshold
turn margin '- decide: {threshold: 0.9, margin: 0.999, at_least: 2, hold: 1 s}' off 9 margin
turn at_least '- decide: {threshold: 0.9, margin: 0.2, at_least: 6, hold: 1 s}' left 2 at_least
turn two '- decide: {threshold: 0.9999, margin: 0.9999, at_least: 1, hold: 1 s}' off 9 margin threshold
turn three '- decide: {threshold: 0.9999, margin: 0.9999, at_least: 9, hold: 1 s}' off 9 at_least margin threshold

# the same for a decision that was made: the change prevents it
prevent() {	# prevent index of the change in the answer: 0 the smallest, then the others
	judge '- decide: {threshold: 0.9, margin: 0.2, at_least: 2, hold: 1 s}' >"$work/decisions"
	id=$("$edged" --once "$build/share/quickstart.flac" --config "$work/k.yaml" --json | jq -r 'select(.label == "yes") | .id' | head -n 1)
	why "$id" >"$work/answer"
	yaml=$(jq -r "[.change] + .others | .[$1].yaml" "$work/answer")
	key=$(jq -r "[.change] + .others | .[$1].settings[0].key" "$work/answer")
	judge "$yaml" >"$work/decisions"
	check "'yes' ($id) is prevented by $yaml" not_decided yes 3 5
	from=$(jq "[.change] + .others | .[$1].settings[0].from" "$work/answer")
	to=$(jq "[.change] + .others | .[$1].settings[0].to" "$work/answer")
	judge "$(echo "$yaml" | sed "s|$key: [^,}]*|$key: $(half "$from" "$to" "$key")|")" >"$work/decisions"
	check "and not by half of it" decided yes 3 5
}
for index in 0 1 2; do prevent $index; done

# labels that never decide
judge '- decide: {threshold: 0.9, margin: 0.2, at_least: 2, hold: 1 s}' >"$work/decisions"
check "what was decided is said to be" [ "$(why --not yes --at '4 s' | jq -r '"\(.decided) \(.id)"')" = "true $id" ]
why --not unknown --at '6 s' >"$work/answer"
check "a label of the background is said to be one" [ "$(jq -r .may_decide "$work/answer")" = false ]
judge "$(jq -r .change.yaml "$work/answer")" >"$work/decisions"
check "with the labels it suggests it decides: $(jq -r .change.yaml "$work/answer")" decided unknown 5 7
judge '- decide: {threshold: 0.9, margin: 0.2, at_least: 2, hold: 1 s}' >"$work/decisions"
check "what was never the best has no change" [ "$(why --not stop --at '4 s' | jq -r '"\(.change) \(.best_in)"')" = "null 0" ]
check "all of a recording where no time is given" [ "$(why --not stop | jq .to)" = "$(why --not stop --at '12 s' --within '60 s' | jq .to)" ]
check "--last is the last" [ "$(why --last | jq -r .label)" = "$(tail -n 1 "$work/decisions" | cut -d' ' -f2)" ]

# for people
"$edgectl" why --trace-file "$work/k.trace" --text "$id" >"$work/text"
check "the text has label, model, a table, the line to write" [ "$(grep -cE "'yes' was decided|model keywords|^>|- decide: \{threshold: 1, " "$work/text")" = 4 ]

refused() {	# refused code 'word' arguments...
	code=$1 word=$2
	shift 2
	"$edgectl" why "$@" >"$work/out" 2>"$work/errors"
	found=$?
	check "why $* ends with $code and says '$word'" [ "$found $(grep -c -- "$word" "$work/errors")" = "$code 1" ]
}
refused 64 'ID, --last and --not'
refused 64 'no id of an event' nonsense
refused 64 "no label 'maybe'" --not maybe --trace-file "$work/k.trace"
refused 64 'no place in a recording' --not yes --at 12:00 --trace-file "$work/k.trace"
refused 66 'no window was judged' --not yes --at 300s --trace-file "$work/k.trace"
refused 66 'is not in the trace' 0000000000000001-keywords-999 --trace-file "$work/k.trace"
refused 66 'began no decision' 0000000000000001-keywords-0 --trace-file "$work/k.trace"
refused 66 'nothere' --last --trace-file "$work/nothere.trace"
refused 65 'no trace file' --last --trace-file "$work/k.yaml"
"$edged" --once "$build/share/quickstart.flac" --trace-file "$work/k.yaml" >/dev/null 2>"$work/errors"
check "--trace-file does not overwrite what is no trace file" [ "$? $(grep -c 'not overwritten' "$work/errors") $(grep -c gateway "$work/k.yaml")" = "65 1 1" ]
"$edged" --once "$build/share/quickstart.flac" --trace-file /dev/full >/dev/null 2>"$work/errors"
check "nor a device" [ $? != 0 ]
refused 66 'is not in the trace' 0000000000000001-other-13 --trace-file "$work/k.trace"
exit $((failures > 0))
