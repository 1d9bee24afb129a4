#!/bin/bash
# kill -9 of any worker while a recording plays: back within a second, an open event is closed, and the
# supervisor never dies.
. "$srcdir/tests/daemon/lib.sh"
start_broker
listen
write_config "$build/share/quickstart.flac" real-time true
start_edged
check "the service comes up" wait_until 10 grep -q ': ready' "$work/edged.log"

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

is_new() {	# is_new role old-pid
	new=$(worker_of $1)
	[ -n "$new" ] && [ "$new" != "$2" ]
}

ended_for() { messages wake/event | jq -e "select(.phase == \"end\" and .reason == \"$1\")" | grep -q id; }
open_event() { [ "$(messages wake/state | tail -n 1 | jq -r .state)" = on ]; }

for role in capture pipeline publish; do
	check "a decision is on" wait_until 20 open_event
	old=$(worker_of $role)
	before=$(milliseconds)
	kill -9 $old
	check "a new $role process is there" wait_until 5 is_new $role $old
	took=$(($(milliseconds) - before))
	check "after $took ms, less than a second" [ $took -lt 1000 ]
	case $role in
	capture) check "the open event was closed: gap" wait_until 5 ended_for "gap in the input" ;;
	pipeline) check "the open event was closed: worker lost" wait_until 5 ended_for "worker lost" ;;
	publish) check "the last will was spoken, then online again" \
		wait_until 5 [ "$(messages bridge/state | tail -n 2 | tr '\n' ' ')" != "" ] ;;
	esac
	check "the supervisor lives" kill -0 $service
	check "decisions go on" wait_until 20 sh -c "[ \$(grep -c '\"phase\":\"begin\"' '$work/messages') -gt $(messages wake/event | grep -c '"phase":"begin"') ]"
done

old=$(worker_of pipeline)
kill -STOP $old
check "a worker that hangs is killed and replaced" wait_until 15 is_new pipeline $old

kill $service
wait $service
check "SIGTERM ends the service with 0" [ $? = 0 ]
check "no process is left" [ -z "$(pgrep -f "$work/edged.yaml")" ]
begins=$(messages wake/event | jq -r 'select(.phase == "begin") | .id' | sort -u)
ends=$(messages wake/event | jq -r 'select(.phase == "end") | .id' | sort -u)
check "every decision that began has ended" [ "$begins" = "$ends" ]
check "the last word is offline" [ "$(messages bridge/state | tail -n 1)" = offline ]
