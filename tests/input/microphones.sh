#!/bin/bash
# Microphones of different makes at once: each decides what --once decides; one is not there at the start,
# one is unplugged and comes back.
. "$srcdir/tests/daemon/lib.sh"
. "$srcdir/tests/input/lib.sh"
command -v sox >/dev/null || skip "sox is not installed"
sox "$build/share/quickstart.flac" -t raw -e signed -b 16 -c 1 -r 16000 "$work/plain.raw"
sox "$build/share/quickstart.flac" -t raw -e signed -b 32 -c 2 -r 48000 "$work/wide.raw"
add_card plain "$work/plain.raw" 16000 1 S16_LE 1
add_card wide "$work/wide.raw" 48000 2 S32_LE 0
add_card late "$work/plain.raw" 16000 1 S16_LE 1
ill late disconnect
start_broker
listen
write_microphones plain '{device: plain}' wide '{device: wide, rate: 16 kHz, channels: 1}' late late
"$edged" --check-config --config "$work/edged.yaml" >"$work/check.log" 2>&1
check "--check-config finds nothing wrong" [ $? = 0 ]
start_edged
check "the service is ready although one card is not there" wait_until 10 grep -q ': ready' "$work/edged.log"
check "that one is offline" wait_until 5 is_state late offline
check "and says why: $(reason_of late)" [ "$(reason_of late)" = "late: it is not there (unplugged?)" ]
check "the others are online" wait_until 5 is_state plain online
check "both" wait_until 5 is_state wide online
check "the log says what a card gives in place of what was asked" \
	grep -q 'wide: 48000 Hz, 2 channels, S32_LE.*it does not have 16000 Hz' "$work/edged.log"

"$edged" --once "$build/share/quickstart.flac" --json >"$work/once.json"
jq -r 'select(.kind == "decision") | .label' "$work/once.json" >"$work/expected"
count=$(wc -l <"$work/expected")
wait_until 20 heard plain $count
wait_until 5 heard wide $count
words_of plain >"$work/plain.words"
words_of wide >"$work/wide.words"
check "the first hears $(tr '\n' ' ' <"$work/expected")" cmp -s "$work/expected" "$work/plain.words"
check "the second, too" cmp -s "$work/expected" "$work/wide.words"

ill late well
check "the third is plugged in: online" wait_until 8 is_state late online
check "and hears the first word" wait_until 8 heard late 1
is_on() { [ "$(messages wake-late/state | tail -n 1 | jq -r .state)" = on ]; }
is_off() { [ "$(messages wake-late/state | tail -n 1 | jq -r .state)" = off ]; }
wait_until 5 is_on
ill late disconnect
check "unplugged: offline" wait_until 3 is_state late offline
check "what was on is off" wait_until 3 is_off
before=$(words_of late | wc -l)
ill late busy
check "held by another program, and that is the reason" wait_until 8 sh -c "tail -n 40 '$work/messages' | grep -q 'late.*another program holds it: PipeWire'"
ill late well
check "plugged in again: online" wait_until 8 is_state late online
check "and the next decision" wait_until 8 heard late $((before + 1))
ids=$(messages wake-late/event | jq -r 'select(.phase == "begin") | .id' | sort | uniq -d)
check "no two decisions have one id" [ -z "$ids" ]
check "the others have not noticed" [ "$(messages input/plain/status | grep -c offline)" -le 1 ]
check "no process was started again" [ -z "$(grep 'starts again' "$work/edged.log")" ]
kill $service
wait $service
check "the service ends cleanly" [ $? = 0 ]
