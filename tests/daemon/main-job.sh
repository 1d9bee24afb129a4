#!/bin/bash
# The main job: a recording becomes the right decisions on a real broker, and they are well-formed.
. "$srcdir/tests/daemon/lib.sh"
start_broker
listen
write_config "$build/share/quickstart.flac" real-time false
sed -i 's/    from: tape/    from: tape\n    raw: true/' "$work/edged.yaml"
start_edged
wait $service
check "the service ends with 0 once its file has been judged" [ $? = 0 ]
sleep 0.5

"$edged" --once "$build/share/quickstart.flac" --json >"$work/once.json"
jq -r 'select(.kind == "decision") | .label' "$work/once.json" >"$work/expected"
messages wake/event | jq -r 'select(.phase == "begin") | .label' >"$work/found"
check "the recording holds keywords" [ -s "$work/expected" ]
check "the daemon decides what --once decides: $(tr '\n' ' ' <"$work/expected")" cmp -s "$work/expected" "$work/found"
"$edged" --once "$build/share/quickstart.flac" --json --trace |
	jq -c 'select(.kind == "window") | [.window, .label, .gate.raw, .gate.smoothed, .verdict]' >"$work/windows"
messages wake/raw | jq -c '[.trace.window, .labels[0].label, .trace.raw, .trace.smoothed, .trace.verdict]' >"$work/raw"
check "the same $(wc -l <"$work/windows") windows, scores and verdicts, to the last digit" cmp -s "$work/windows" "$work/raw"
begins=$(messages wake/event | jq -r 'select(.phase == "begin") | .id' | sort)
ends=$(messages wake/event | jq -r 'select(.phase == "end") | .id' | sort)
check "every decision that began has ended, under the same id" [ "$begins" = "$ends" ]
check "availability says online first and offline at the end" \
	[ "$(messages bridge/state | tr '\n' ' ')" = "online offline " ]
check "the input was online and is offline" [ "$(messages input/tape/availability | tail -n 1)" = offline ]
check "the state was said at the start" [ "$(messages wake/state | head -n 1 | jq -r .state)" = off ]
check "the state is off at the end" [ "$(messages wake/state | tail -n 1 | jq -r .state)" = off ]
retained=$(mosquitto_sub -h 127.0.0.1 -p $port -t 'edged/test/+/state' -W 1 -F '%r %t' 2>/dev/null | sort | tr '\n' ' ')
check "states are retained" [ "$retained" = "1 edged/test/bridge/state 1 edged/test/wake/state " ]

kill $listener
: >"$work/messages"
listen
write_config "$build/share/quickstart.flac" fast false
start_edged
started=$(date +%s)
wait $service
check "at the pace fast the file is judged in less than it lasts" [ $(($(date +%s) - started)) -lt 8 ]
sleep 0.3
messages wake/event | jq -r 'select(.phase == "begin") | .label' >"$work/fast"
check "and nothing is lost on the way" cmp -s "$work/expected" "$work/fast"

fits() {	# fits event|input topic-end: every payload there is what its schema says
	messages "$2" >"$work/payloads"
	[ -s "$work/payloads" ] && python3 - "$srcdir/conf/schema/$1.schema.json" "$work/payloads" <<-'END'
	import json, sys, jsonschema
	schema = json.load(open(sys.argv[1]))
	for line in open(sys.argv[2]):
	    jsonschema.validate(json.loads(line), schema)
	END
}
if python3 -c 'import jsonschema' 2>/dev/null; then
	check "every event fits its schema" fits event wake/event
	check "every status of the input fits its schema" fits input input/tape/status
else
	echo "not checked, for want of python3-jsonschema: events and states against their schemas"
fi
