#!/bin/bash
# A broker that is away, refuses, stalls, drops, confirms late or never or is full: every decision arrives
# once or marked as sent again, in order, and nothing spins. SECONDS_AWAY: how long the broker is away (6).
. "$srcdir/tests/daemon/lib.sh"
away=${SECONDS_AWAY:-6}

decided() { grep -c 'pipeline wake: .*, score' "$work/edged.log"; }
publish_ticks() { awk '{print $14 + $15}' "/proc/$(worker_of publish)/stat"; }

# What arrived against what was decided: "begin" events without `resent` once each, ids in order.
is_whole() {	# is_whole payloads
	python3 - "$1" "$work/edged.log" <<-'END'
	import json, re, sys
	events = [json.loads(line) for line in open(sys.argv[1]) if line.strip()]
	decided = len(re.findall(r'pipeline wake: .*, score', open(sys.argv[2]).read()))
	fresh = [(e['id'], e['phase']) for e in events if not e.get('resent')]
	every = {(e['id'], e['phase']) for e in events}
	begins = {i for i, phase in every if phase == 'begin'}
	ends = {i for i, phase in every if phase == 'end'}
	assert len(fresh) == len(set(fresh)), 'an event came twice without a word'
	assert len(begins) == decided, '%d decisions, %d arrived' % (decided, len(begins))
	assert begins == ends, 'begins and ends do not match'
	seen, order = set(), []
	for e in events:
	    key = (e['id'], e['phase'])
	    if key not in seen:
	        seen.add(key)
	        order.append(int(e['id'].rsplit('-', 1)[1]))
	assert order == sorted(order), 'out of order'
	print('%d events, %d of them sent again' % (len(events), len(events) - len(fresh)))
	END
}

stop_edged() {	# and wait for the last words
	kill $service
	wait $service
	sleep 0.5
}

# ---- a real broker that is away, and publish killed meanwhile ----
start_broker
listen
write_config "$build/share/quickstart.flac" real-time true
start_edged
check "decisions are made" wait_until 20 sh -c "[ \$(grep -c ', score' '$work/edged.log') -ge 2 ]"
kill $broker
wait $broker 2>/dev/null
before=$(decided)
sleep $((away / 2))
old=$(worker_of publish)
kill -9 $old
sleep $((away - away / 2))
check "decisions go on without a broker: $(($(decided) - before))" [ "$(decided)" -gt "$before" ]
mosquitto -c "$work/mosquitto.conf" >>"$work/broker.log" 2>&1 &
broker=$!
wait_until 5 mosquitto_pub -h 127.0.0.1 -p $port -t probe -n
kill $listener 2>/dev/null
cp "$work/messages" "$work/before"
listen
check "the service comes back to it" wait_until 15 grep -q 'bridge/state online' "$work/messages"
sleep 1
stop_edged
cat "$work/before" "$work/messages" | sed -n 's|^[^ ]* edged/test/wake/event ||p' >"$work/events"
check "every decision arrived once or marked, in order: $(is_whole "$work/events" 2>&1 | tail -n 1)" is_whole "$work/events"
kill $broker $listener

# ---- a broker that misbehaves ----
rm -rf "$work/state"
port=$((port + 1))
say() { echo "$1" >"$work/mode"; }
say silent
python3 "$srcdir/tests/daemon/bad_broker.py" $port "$work/mode" "$work/bad.log" &
write_config "$build/share/quickstart.flac" real-time true
start_edged
wait_until 10 worker_of publish
arrives() {	# arrives count: more events than that were confirmed
	[ "$(grep -c '^good .*wake/event' "$work/bad.log")" -gt "$1" ]
}
confirmed() { grep -c '^good .*wake/event' "$work/bad.log"; }
sleep 2
for trouble in drop close-old never full late; do
	say $trouble
	sleep 3
	so_far=$(confirmed)
	say good
	check "after '$trouble' decisions arrive again" wait_until 30 arrives "$so_far"
done
check "nothing has spun: $(publish_ticks) ticks of 10 ms" [ "$(publish_ticks)" -lt 100 ]
stop_edged
sed -n 's|^[a-z-]* edged/test/wake/event ||p' "$work/bad.log" >"$work/events"
check "no decision was lost: $(is_whole "$work/events" 2>&1 | tail -n 1)" is_whole "$work/events"

say old
start_edged
check "a broker that speaks MQTT 3.1.1 only is spoken to so" wait_until 10 grep -q 'connected to .*MQTT 3.1.1' "$work/edged.log"
stop_edged
say good
start_edged
check "and another by MQTT 5" wait_until 10 grep -q 'connected to .*MQTT 5' "$work/edged.log"
stop_edged
