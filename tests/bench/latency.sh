#!/bin/bash
# latency.sh [SECONDS] - from the last sample of the window that decided to the message at a subscriber on
# loopback, without the engine's time, by stage. Prints figures and judges nothing.
. "$srcdir/tests/daemon/lib.sh"
seconds=${1:-60}
start_broker
listen
write_config "$build/share/quickstart.flac" real-time true
start_edged
sleep "$seconds"
kill $service
wait $service
grep -m1 'model name' /proc/cpuinfo
sed -n 's|^\([^ ]*\) edged/test/wake/event |\1 |p' "$work/messages" | python3 -c '
import datetime, json, sys

rows = []
for line in sys.stdin:
    arrived, event = line.split(" ", 1)
    event = json.loads(event)
    if event["phase"] != "begin":
        continue
    at = datetime.datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    total = (float(arrived) - at.timestamp()) * 1e3
    part = event["latency"]
    rows.append({"capture and ring": part["capture_ms"], "engine": part["inference_ms"],
                 "to publish": part["publish_ms"],
                 "disk and broker": total - sum(part.values()), "all without engine": total - part["inference_ms"]})

def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(q * len(values)))]

print("%d decisions" % len(rows))
print("%-20s %10s %10s" % ("ms", "median", "99 %"))
for name in rows[0] if rows else []:
    values = [row[name] for row in rows]
    print("%-20s %10.2f %10.2f" % (name, quantile(values, 0.5), quantile(values, 0.99)))
'
