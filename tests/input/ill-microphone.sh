#!/bin/bash
# A microphone with the faults that microphones have: each is told by its reason, and the way back is found.
. "$srcdir/tests/daemon/lib.sh"
. "$srcdir/tests/input/lib.sh"
add_card mic /nowhere.raw 16000 1 S16_LE 0
add_card muted /nowhere.raw 16000 1 S16_LE 1
add_mixer muted 0 7 1 2
add_card turned-on /nowhere.raw 16000 1 S16_LE 1
add_mixer turned-on 0 0 1 2
ill muted zeros
start_broker
listen
write_microphones mic mic muted '{device: muted, mixer: {card: muted}}' \
	on '{device: turned-on, mixer: {card: turned-on, capture: on, volume: 80 %, automatic_gain: off}}'
start_edged
told() { [ "$(status_of mic)" = "$1" ] && reason_of mic | grep -q "$2"; }
logged() { grep -q "$1" "$work/edged.log"; }

check "a quiet room is online" wait_until 10 is_state mic online
ill mic zeros
check "zeros: impaired, with the reason" wait_until 10 told impaired 'digital silence: every sample is 0'
muted_told() { [ "$(reason_of muted)" = "digital silence: the capture switch of 'Mic' is off" ]; }
check "a card whose switch is off says so" wait_until 5 muted_told
check "and did at its opening" logged "capture muted: warning: muted: the capture switch of 'Mic' is off"
check "a mixer is set as the YAML says" [ "$(tr '\n' ' ' <"$work/turned-on.mixer")" = "1 25 0 2 " ]
check "availability stays online" [ "$(messages input/mic/availability | tail -n 1)" = online ]
ill mic well
check "well again: online" wait_until 6 is_state mic online
ill mic hang
check "zeros until it is opened again: impaired" wait_until 10 is_state mic impaired
check "and by itself online" wait_until 6 is_state mic online
ill mic clip
check "clipped: impaired" wait_until 10 told impaired 'clipped: the gain is too high'
ill mic offset
check "beside zero: impaired" wait_until 10 told impaired 'of full scale beside zero'
ill mic rate 12000
check "the wrong rate: impaired" wait_until 20 told impaired 'samples a second come instead of 16000'
check "the stream does not drift away from the clock" wait_until 10 logged 'the clock of the card is'
ill mic well
check "well again: online" wait_until 12 is_state mic online

ill mic xrun
check "an overrun is logged" wait_until 5 logged 'overrun, 1 so far'
ill mic eio
check "an input/output error, too" wait_until 5 logged 'stopped delivering.*started again'
ill mic suspend
woken() { [ ! -s "$work/mic.control" ] || [ -z "$(cat "$work/mic.control")" ]; }
check "a suspended card is resumed" wait_until 5 woken
sleep 1
check "nothing of this makes it offline" is_state mic online
ill mic deaf
check "deaf: opened again first" wait_until 5 logged 'it is deaf.*it is opened again'
check "then offline, with the reason" wait_until 8 told offline 'it is deaf: open, but no samples come'
ill mic well
check "and back" wait_until 10 is_state mic online
check "by the same process" [ -z "$(grep 'starts again' "$work/edged.log")" ]
kill $service
wait $service
check "the service ends cleanly" [ $? = 0 ]

fits() {
	messages input/mic/status >"$work/payloads"
	python3 - "$srcdir/conf/schema/input.schema.json" "$work/payloads" <<-'END'
	import json, sys, jsonschema
	schema = json.load(open(sys.argv[1]))
	for line in open(sys.argv[2]):
	    jsonschema.validate(json.loads(line), schema)
	END
}
if python3 -c 'import jsonschema' 2>/dev/null; then
	check "every status fits its schema" fits
fi
