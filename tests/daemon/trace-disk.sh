#!/bin/bash
# A full or read-only disk costs no decision: it is said once, and what memory holds is written once there is
# room again. With a small tmpfs where we may mount one, else with a limit on file sizes.
. "$srcdir/tests/daemon/lib.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
export STATE_DIRECTORY=$work/state
start_broker
listen
mkdir "$work/state"
mounted= size='1 MiB'
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=512k none "$work/state" 2>/dev/null; then
	mounted=1
	trap 'umount -l "$work/state" 2>/dev/null; finish' EXIT
else
	echo "no tmpfs can be mounted here: a limit on file sizes takes its place"
	size='64 MiB'
	ulimit -S -f 40960 # kilobytes: the rings in memory have 32 MiB
fi
write_config "$build/share/quickstart.flac" real-time true
sed -i "s/    from: tape/    from: tape\n    raw: true/; s/^inputs:/trace: {size: $size, every: 1 s}\ninputs:/" "$work/edged.yaml"
start_edged
check "the service comes up" wait_until 10 grep -q ': ready' "$work/edged.log"
full='record: warning: .*wake.trace: \(No space left on device\|File too large\)'
check "the full disk is said" wait_until 5 grep -q "$full" "$work/edged.log"
check "decisions come" wait_until 20 eval '[ -n "$(messages wake/event)" ]'
check "it is said once, though it is tried every second" [ "$(grep -c "$full" "$work/edged.log")" = 1 ]
check "no half of a file is left" [ -z "$(ls "$work/state/trace" | grep -v socket)" ]
check "edgectl why says that there is none" eval '"$edgectl" why --last 2>&1 | grep -q "no trace of any pipeline"'
published() { messages wake/raw | jq .trace.window | sort -nu; }
check "record lives" kill -0 "$(worker_of record)"
if [ -n "$mounted" ]; then
	mount -o remount,size=4m "$work/state"
	check "with room again it is written again" wait_until 5 grep -q 'the trace of wake is written again' "$work/edged.log"
	published >"$work/published"
	"$edgectl" why --last >/dev/null
	last=$(tail -n 1 "$work/published")
	trace_windows wake | awk -v last="$last" '$2 <= last {print $2}' | sort -nu >"$work/recorded"
	check "and lacks none of the $(wc -l <"$work/published") windows" cmp -s "$work/published" "$work/recorded"
fi
kill $service
wait $service
check "the service ends with 0" [ $? = 0 ]
check "no process crashed" [ "$(grep -cE 'died of signal (6|7|11|25)' "$work/edged.log")" = 0 ]

if [ -n "$mounted" ] && mount -t tmpfs -o ro none "$work/state/trace"; then
	trap 'umount -l "$work/state/trace" "$work/state" 2>/dev/null; finish' EXIT
	: >"$work/messages"
	start_edged
	check "on a read-only disk the service comes up" wait_until 10 grep -q ': ready' "$work/edged.log"
	check "it is said, with the path" wait_until 5 grep -q 'record: warning: .*wake.trace: Read-only file system' "$work/edged.log"
	check "decisions come" wait_until 20 eval '[ -n "$(messages wake/event)" ]'
	check "once" [ "$(grep -c 'wake.trace: Read-only' "$work/edged.log")" = 1 ]
	kill $service
	wait $service
	check "the service ends with 0" [ $? = 0 ]
fi

# a file that is damaged
umount -l "$work/state/trace" 2>/dev/null
mkdir -p "$work/state/trace"
echo "no trace at all" >"$work/state/trace/wake.trace"
: >"$work/messages"
start_edged
check "a file that is no trace is set aside with a word" wait_until 10 grep -q 'wake.trace: no trace file; kept as .*wake.trace.bad' "$work/edged.log"
check "and kept" grep -q 'no trace at all' "$work/state/trace/wake.trace.bad"
[ -z "$mounted" ] || check "the new one is written" wait_until 15 "$edgectl" why --not yes --at -1s
kill $service
wait $service
check "the service ends with 0" [ $? = 0 ]
