#!/bin/bash
# footprint.sh [SECONDS] - memory (PSS) of each process of the daemon with one audio pipeline, the time until
# it is ready and what it takes of one core. Prints figures and judges nothing. TLS=1: with TLS.
. "$srcdir/tests/daemon/lib.sh"
seconds=${1:-60}
command -v openssl >/dev/null || TLS=
cd "$work" || exit 1
port=$((20000 + $$ % 20000))
if [ -n "${TLS:-}" ]; then
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem 2>/dev/null
	chmod 755 "$work"
	chmod 644 key.pem
	printf 'listener %s 127.0.0.1\nallow_anonymous true\ncertfile %s/cert.pem\nkeyfile %s/key.pem\n' \
		$port "$work" "$work" >mosquitto.conf
else
	printf 'listener %s 127.0.0.1\nallow_anonymous true\n' $port >mosquitto.conf
fi
mosquitto -c mosquitto.conf >broker.log 2>&1 &
sleep 1
write_config "$build/share/quickstart.flac" real-time true
[ -z "${TLS:-}" ] || sed -i "s|^mqtt: .*|mqtt: {broker: \"mqtts://localhost:$port\", ca: cert.pem}|" edged.yaml

start=$(date +%s%N)
start_edged
wait_until 10 grep -q ': ready' edged.log
ready=$((($(date +%s%N) - start) / 1000000))
grep -m1 'model name' /proc/cpuinfo
echo "ready after $ready ms (measured every 50 ms)"
run_ns() { awk '{print $1}' /proc/$1/schedstat; } # of its first thread, to the nanosecond
processes="$service $(pgrep -P $service | tr '\n' ' ')"
sleep 2
for p in $processes; do run_ns $p >before.$p; done
sleep "$seconds"
printf '%-12s %10s %12s %16s\n' process 'PSS kB' 'private kB' '% of one core'
for p in $processes; do
	awk -v name="$(tr '\0' ' ' </proc/$p/cmdline | awk '{n = split($1, a, "/"); print a[n]}')" \
		-v ns=$(($(run_ns $p) - $(cat before.$p))) -v seconds="$seconds" \
		'/^Pss:/ {p = $2} /^Private_/ {q += $2}
		END {printf "%-12s %10d %12d %16.2f\n", name, p, q, ns / seconds / 1e7}' /proc/$p/smaps_rollup
done | tee rows
weights=$(($(stat -L -c %s "$build/share/models/keywords.tflite") / 1024))
awk -v w=$weights '{s += $2; c += $4} END {printf "%-12s %10d %12s %16.2f   (%d kB of weights not counted)\n", "all", s - w, "", c, w}' rows
kill $service
wait $service
