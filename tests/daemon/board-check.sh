#!/bin/bash
# edgectl check: names what is wrong on a board, each with what to do; the exit code says whether there is.
. "$srcdir/tests/daemon/lib.sh"
edgectl=$PWD/src/edgectl
start_broker
write_config "$build/share/quickstart.flac" real-time true
export STATE_DIRECTORY=$work/state
look() { "$edgectl" check --config "$work/edged.yaml" --json >"$work/report"; }
says() {	# says grade subject words: there is such a line, and it says what to do unless all is fine
	jq -s -e "any(.[]; .grade == \"$1\" and .subject == \"$2\" and (.what | contains(\"$3\")) and
		((.grade == \"ok\") or (.do | length > 10)))" "$work/report" >/dev/null
}
look
check "where nothing is wrong the exit code is 0" [ $? = 0 ]
check "the broker accepts connections" says ok broker "accepts connections"
check "the service does not run: a warning" says warning service "does not run"
start_edged
wait_until 10 grep -q ': ready' "$work/edged.log"
look
check "it runs" says ok service "it runs"
kill $service
wait $service

sed -i "s/^mqtt:.*/mqtt: \"mqtt:\/\/127.0.0.1:1\"/" "$work/edged.yaml"
look
check "a broker that does not listen makes the exit code 69" [ $? = 69 ]
check "and is named" says problem broker "Connection refused"
sed -i "s/127.0.0.1:1/no-such-host.invalid/" "$work/edged.yaml"
look
check "a broker without a name" says problem broker "name is not known"
sed -i "s|file: .*keywords.tflite|file: $work/none.tflite|" "$work/edged.yaml"
look
check "a model that is not there" says problem file "models.keywords.file"
echo "gatway: x" >>"$work/edged.yaml"
look
check "findings of the configuration" says problem config "gatway"
check "the clock is said" grep -q '"subject":"clock"' "$work/report"
check "for people there is text" sh -c "'$edgectl' check --config '$work/edged.yaml' --text | grep -q 'do: mend that line'"
check "wrong use is 64" sh -c "'$edgectl' check --nonsense 2>/dev/null; [ \$? = 64 ]"
