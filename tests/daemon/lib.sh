# lib.sh - what the tests of the running daemon share: a broker, a state folder, a listener.
# Sourced with $srcdir set, from the build folder. Everything lives in $work and ends with the test.
edged=$PWD/src/edged
edgectl=$PWD/src/edgectl
build=$PWD
for program in mosquitto mosquitto_sub jq; do
	command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
done
work=$(mktemp -d)
failures=0

finish() {
	trap - EXIT
	kill $(jobs -p) 2>/dev/null
	wait 2>/dev/null
	if [ "$failures" != 0 ]; then
		for log in "$work"/*.log; do echo "--- $log"; tail -n 40 "$log"; done
	fi
	rm -rf "$work"
	exit $((failures > 0))
}
trap finish EXIT
trap 'failures=1; finish' INT TERM

check() {	# check 'sentence' command...
	sentence=$1
	shift
	if "$@"; then
		echo "ok: $sentence"
	else
		echo "FAILED: $sentence"
		failures=$((failures + 1))
	fi
}

start_broker() {	# sets $port
	port=$((20000 + $$ % 20000))
	printf 'listener %s 127.0.0.1\nallow_anonymous true\n' $port >"$work/mosquitto.conf"
	mosquitto -c "$work/mosquitto.conf" >"$work/broker.log" 2>&1 &
	broker=$!
	wait_until 5 mosquitto_pub -h 127.0.0.1 -p $port -t probe -n
}

listen() {	# everything that is published, one line a message: topic, space, payload
	mosquitto_sub -h 127.0.0.1 -p $port -t 'edged/#' -q 1 -F '%U %t %p' >"$work/messages" 2>"$work/listener.log" &
	listener=$!
	sleep 0.3
}

wait_until() {	# wait_until seconds command...: true as soon as it is
	limit=$((SECONDS + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -le $limit ] || return 1
		sleep 0.05
	done
}

write_config() {	# write_config file pace repeat
	cat >"$work/edged.yaml" <<-END
	gateway: test
	mqtt: "mqtt://127.0.0.1:$port"
	inputs:
	  tape: {file: {path: $1, pace: $2, repeat: $3}}
	models:
	  keywords: {file: $build/share/models/keywords.tflite}
	pipelines:
	  wake:
	    from: tape
	    stages:
	$(sed -n '/^      - /p' "$srcdir/conf/keywords-once.yaml")
	END
}

start_edged() {
	STATE_DIRECTORY=$work/state "$edged" --config "$work/edged.yaml" >"$work/edged.log" 2>&1 &
	service=$!
}

worker_of() {	# worker_of capture|pipeline|publish|record: its process id
	pgrep -P $service -f "^$1 " | head -n 1
}

messages() {	# messages topic-end: payloads
	sed -n "s|^[^ ]* edged/test/$1 ||p" "$work/messages"
}

message_count() {	# message_count topic-end
	messages "$1" | wc -l
}

trace_windows() {	# trace_windows pipeline[.1]: of each record in the trace file "stream window flags"
	python3 - "$work/state/trace/$(echo "$1" | sed 's/$/.trace/; s/\.1\.trace$/.trace.1/')" <<-'END'
	import struct, sys
	data = open(sys.argv[1], "rb").read()
	slots, count = struct.unpack_from("<Q", data, 16)[0], struct.unpack_from("<Q", data, 512)[0]
	for i in range(max(0, count - slots), count):
	    record = 65536 + i % slots * 64
	    stream, window = struct.unpack_from("<QQ", data, record)
	    print("%016x" % stream, window, data[record + 60])
	END
}
