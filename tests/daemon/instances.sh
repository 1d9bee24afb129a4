#!/bin/bash
# Two instances side by side; two on one state folder are refused; what is not needed is not started.
. "$srcdir/tests/daemon/lib.sh"
start_broker
listen
write_config "$build/share/quickstart.flac" real-time true
cat >>"$work/edged.yaml" <<END
END
sed -i 's|^inputs:|inputs:\n  unused: {file: {path: /nowhere.wav}}|' "$work/edged.yaml"
start_edged
first=$service
check "the first comes up" wait_until 10 grep -q ': ready' "$work/edged.log"
check "an input that nobody listens to is not started" [ -z "$(pgrep -P $first -f '^capture .* unused')" ]
check "so there are four workers" [ "$(pgrep -P $first | wc -l)" = 4 ]
STATE_DIRECTORY=$work/state timeout 5 "$edged" --config "$work/edged.yaml" >"$work/second.log" 2>&1
check "a second on the same state folder is refused with 69" [ $? = 69 ]
check "and told why" grep -q 'another edged uses this state folder' "$work/second.log"
sed 's/gateway: test/gateway: other/; /^mqtt/d' "$work/edged.yaml" >"$work/other.yaml"
STATE_DIRECTORY=$work/state2 "$edged" --config "$work/other.yaml" >"$work/other.log" 2>&1 &
other=$!
check "one with its own comes up" wait_until 10 grep -q ': ready' "$work/other.log"
check "without a broker there is no publish process" [ -z "$(pgrep -P $other -f '^publish ')" ]
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
pipeline=$(pgrep -P $other -f '^pipeline ')
before=$(ticks $pipeline)
sleep 1
check "four windows a second leave the processor idle" [ $(($(ticks $pipeline) - before)) -lt 50 ]
kill $other
wait $other
check "it ends cleanly" [ $? = 0 ]
kill $first
wait $first
check "the first, too" [ $? = 0 ]
STATE_DIRECTORY=$work/state3 timeout 10 "$edged" --config "$work/nothere.yaml" >"$work/none.log" 2>&1
check "no configuration is exit 66" [ $? = 66 ]
sed 's|models/keywords.tflite|models/nothing.tflite|' "$work/edged.yaml" >"$work/wrong.yaml"
STATE_DIRECTORY=$work/state3 timeout 10 "$edged" --config "$work/wrong.yaml" >"$work/wrong.log" 2>&1
check "a model that is not there ends the service at its start, for good" [ $? = 78 ]
