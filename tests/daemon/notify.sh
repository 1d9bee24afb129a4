#!/bin/bash
# systemd's protocol, with a socket of ours in systemd's place: READY, STATUS, WATCHDOG, STOPPING.
. "$srcdir/tests/daemon/lib.sh"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
start_broker
write_config "$build/share/quickstart.flac" real-time true
cat >"$work/listen.py" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    print(s.recv(4096).decode().replace("\n", " | "), flush=True)
END
python3 "$work/listen.py" "$work/notify" >"$work/notified" 2>"$work/listen.log" &
wait_until 5 [ -S "$work/notify" ]
export NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=1000000
start_edged
check "READY comes with a STATUS for people" wait_until 10 grep -q '^READY=1 | STATUS=1 input, 1 pipeline running' "$work/notified"
check "the watchdog is fed twice in its time" wait_until 3 sh -c "[ \$(grep -c WATCHDOG=1 '$work/notified') -ge 3 ]"
kill -9 "$(worker_of pipeline)"
check "a restart shows in the STATUS" wait_until 3 grep -q 'STATUS=.*something is down' "$work/notified"
kill $service
wait $service
check "STOPPING is said" grep -q '^STOPPING=1' "$work/notified"
