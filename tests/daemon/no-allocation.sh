#!/bin/bash
# After READY the pipeline process allocates nothing, decisions included.
. "$srcdir/tests/daemon/lib.sh"
[ -e tests/daemon/count_malloc.so ] || { echo "skipped: the interposer does not go with sanitizers"; exit 77; }
start_broker
listen
write_config "$build/share/quickstart.flac" real-time true
export COUNT_MALLOC=$work/count
LD_PRELOAD=$build/tests/daemon/count_malloc.so STATE_DIRECTORY=$work/state "$edged" --config "$work/edged.yaml" \
	>"$work/edged.log" 2>&1 &
service=$!
check "the service comes up" wait_until 10 grep -q ': ready' "$work/edged.log"
pipeline=$(worker_of pipeline)
kill -USR2 $pipeline
wait_until 2 test -s "$work/count"
check "the interposer counts: $(cat "$work/count") calls while it opened" [ "$(cat "$work/count")" -gt 50 ]
kill -USR1 $pipeline
check "windows are judged and decisions made" wait_until 20 sh -c "[ \$(grep -c '\"phase\":\"end\"' '$work/messages') -ge 2 ]"
rm "$work/count"
kill -USR2 $pipeline
wait_until 2 test -s "$work/count"
check "not one call for memory meanwhile: $(cat "$work/count")" [ "$(cat "$work/count")" = 0 ]
kill $service
wait $service
