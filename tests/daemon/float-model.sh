#!/bin/bash
# A float model's pipeline becomes the program with OpenBLAS, and goes on with the same descriptors.
. "$srcdir/tests/daemon/lib.sh"
start_broker
listen
write_config "$build/share/quickstart.flac" fast false
sed -i 's|keywords.tflite|keywords_float.tflite|' "$work/edged.yaml"
start_edged
wait $service
check "the service ends with 0 once its file has been judged" [ $? = 0 ]
sleep 0.3
"$edged" --once "$build/share/quickstart.flac" --config "$work/edged.yaml" --json |
	jq -r 'select(.kind == "decision") | .label' >"$work/expected"
messages wake/event | jq -r 'select(.phase == "begin") | .label' >"$work/found"
check "the recording holds keywords" [ -s "$work/expected" ]
check "the daemon decides what --once decides" cmp -s "$work/expected" "$work/found"
