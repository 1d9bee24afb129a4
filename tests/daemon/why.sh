#!/bin/bash
# edgectl why beside a running daemon: by the id of an event at once, why not by the time of day; no record
# that was in memory is lost when record or pipeline is killed.
. "$srcdir/tests/daemon/lib.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
export STATE_DIRECTORY=$work/state
start_broker
listen
write_config "$build/share/quickstart.flac" real-time true
sed -i 's/    from: tape/    from: tape\n    raw: true/' "$work/edged.yaml"
start_edged
check "the service comes up" wait_until 10 grep -q ': ready' "$work/edged.log"
began() { messages wake/event | jq -c 'select(.phase == "begin")'; }
check "something is decided" wait_until 20 eval '[ -n "$(began)" ]'
began | tail -n 1 >"$work/event"
id=$(jq -r .id "$work/event")
"$edgectl" why "$id" >"$work/why"
check "why of an event that was sent just now has an answer" [ $? = 0 ]
same() { [ "$(jq -c "$1" "$work/event")" = "$(jq -c "$2" "$work/why")" ]; }
check "its label" same .label .label
check "its scores, to the last digit" same '[.trace.raw, .trace.smoothed]' '.windows[-1] | [.raw, .labels[0].score]'
check "its window, and how many agreed" same '[.trace.window, .trace.agreeing]' '.windows[-1] | [.window, .agreeing]'
check "its model with version and hash" same .model .model
seconds() { date -d "$1" +%s%N; }
apart=$((($(seconds "$(jq -r .time "$work/event")") - $(seconds "$(jq -r .time "$work/why")")) / 1000000))
check "its time, $apart ms apart" [ ${apart#-} -le 25 ]
check "--last is that event or a newer one" [ "$("$edgectl" why --last | jq .windows[-1].window)" -ge "$(jq .trace.window "$work/event")" ]
check "why not, of what was decided: by this id" \
	[ "$("$edgectl" why --not "$(jq -r .label "$work/event")" --at "$(jq -r .time "$work/event")" --within 100ms | jq -r .id)" = "$id" ]
check "a user's hour of the day is understood" [ "$("$edgectl" why --not stop --at "$(date +%H:%M:%S)" | jq -r .decided)" = false ]
check "and so many seconds ago" [ "$("$edgectl" why --not stop --at -1s --text | grep -c 'not decided')" = 1 ]
check "a pipeline that is not there is named" eval '"$edgectl" why --last --pipeline nothere 2>&1 | grep -q "no trace of a pipeline named .nothere."'

# every window that was published stands in the file once, in order, whoever dies meanwhile
published() { messages wake/raw | jq .trace.window; }
for victim in record pipeline record; do
	kill -9 "$(worker_of $victim)"
	count=$(published | wc -l)
	wait_until 5 eval '[ $(published | wc -l) -gt '$((count + 4))' ]'
done
"$edgectl" why --last >/dev/null
published | sort -nu >"$work/published"
last=$(tail -n 1 "$work/published")
trace_windows wake | awk '{print $2}' | sort -nu | awk -v last="$last" '$1 <= last' >"$work/recorded"
check "all of the $(wc -l <"$work/published") windows that were published are kept, though processes were killed" \
	cmp -s "$work/published" "$work/recorded"
check "the one process that started afresh shows" [ "$(trace_windows wake | awk 'int($3 / 4) % 2 { n++ } END { print n }')" = 2 ]
trace_windows wake | awk '!(int($3 / 8) % 2) { if (seen[$2]++) twice++ } END { exit twice > 3 }'
check "and no window stands there twice but where the pipeline died" [ $? = 0 ]
kill $service
wait $service
check "it ends cleanly" [ $? = 0 ]
check "what was in memory at the stop is in the file" \
	[ "$(trace_windows wake | awk '!(int($3 / 8) % 2) {print $2}' | tail -n 1)" -ge "$last" ]
check "a decision that the stop ended says so" \
	eval '[ "$(began | wc -l)" -lt 1 ] || "$edgectl" why "$id" | jq -e .ended >/dev/null'

# strict settings; the answer is applied, and half of it
run_fast() {	# run_fast 'decide line': a whole run with these settings
	write_config "$build/share/quickstart.flac" fast false
	sed -i "s|- decide:.*|$1|" "$work/edged.yaml"
	: >"$work/messages"
	start_edged
	wait $service
	sleep 0.3
}
heard() { messages wake/event | jq -r 'select(.phase == "begin") | .label' | grep -qx "$1"; }
not_heard() { ! heard "$1"; }
kill $listener
listen
run_fast '- decide: {threshold: 0.9999, margin: 0.2, at_least: 2, hold: 1 s}'
check "other settings have begun another file, the former is kept" [ -e "$work/state/trace/wake.trace.1" ]
check "an event of the former settings still has its answer" [ "$("$edgectl" why "$id" | jq -r .settings.threshold)" = 0.9 ]

turn() {	# turn 'decide line' key: 'off' is kept from being decided by that setting alone
	run_fast "$1"
	check "with $1 'off' is not decided" not_heard off
	"$edgectl" why --not off --at now --within 60s >"$work/why"
	check "the answer names $2" [ "$(jq -r '.change.settings[].key' "$work/why")" = "$2" ]
	line=$(jq -r .change.yaml "$work/why")
	middle=$(jq '.change.settings[0] | (.from + .to) / 2 | if '"$([ $2 = at_least ] && echo true || echo false)"' then ceil else . end' "$work/why")
	run_fast "$line"
	check "with $line it is" heard off
	run_fast "$(echo "$line" | sed "s|$2: [^,]*|$2: $middle|")"
	check "with half of the change, $2: $middle, it is not" not_heard off
}
turn '- decide: {threshold: 0.9999, margin: 0.2, at_least: 2, hold: 1 s}' threshold
turn '- decide: {threshold: 0.9, margin: 0.999, at_least: 2, hold: 1 s}' margin
turn '- decide: {threshold: 0.9, margin: 0.2, at_least: 6, hold: 1 s}' at_least
