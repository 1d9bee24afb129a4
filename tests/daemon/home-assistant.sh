#!/bin/bash
# The real Home Assistant: entities appear, follow, become unavailable and come back, survive restarts of
# either side, and go when the YAML does, even if it was down meanwhile. `make check-home-assistant`.
. "$srcdir/tests/daemon/lib.sh"
hass=${EDGED_SHARED:-$srcdir/../shared}/homeassistant/hass
[ -x "$hass" ] || { echo "skipped: Home Assistant (../shared/homeassistant is not there)"; exit 77; }
export HASS_RUN=$work/hass
mkdir -p "$HASS_RUN"
"$hass" install >"$work/install.log" 2>&1 || { echo "skipped: Home Assistant cannot be installed here"; exit 77; }
trap '"$hass" stop >/dev/null 2>&1; finish' EXIT

configure() {	# configure true|false PIPELINE...: that discovery, one pipeline each on one tape
	write_config "$build/share/quickstart.flac" real-time true
	sed -i "s|^mqtt: .*|mqtt: {broker: \"mqtt://127.0.0.1:$port\", home_assistant: $1}|" "$work/edged.yaml"
	shift
	sed -n '/^  wake:/,$p' "$work/edged.yaml" | tail -n +2 >"$work/stages"
	sed -i '/^  wake:/,$d' "$work/edged.yaml"
	for name in "$@"; do
		{ echo "  $name:"; cat "$work/stages"; } >>"$work/edged.yaml"
	done
}
state() {	# state entity
	"$hass" states "$1" | jq -r ".\"$1\".state // \"absent\"" 2>/dev/null
}
is() { [ "$(state "$1")" = "$2" ]; }
wake=binary_sensor.test_wake
label=sensor.test_wake_label
problem=binary_sensor.test_tape_problem
case ${HASS_RELEASE:-2025.4.4} in 2026*)
	wake=binary_sensor.test_decision_wake label=sensor.test_label_wake problem=binary_sensor.test_input_tape ;;
esac
extra=$(echo $wake | sed 's/wake/extra/')
stop_edged() { kill $service; wait $service; }

start_broker
eval "$("$hass" start $port)"
configure true wake extra
start_edged
check "the decision appears, OFF at the start" wait_until 10 is $wake off
check "so does the label" wait_until 5 is $label none
check "the input has no problem" wait_until 5 is $problem off
check "a decision turns it on" wait_until 30 is $wake on
check "and off again" wait_until 30 is $wake off
check "device and entities are registered" sh -c "'$hass' devices | grep -q edged"

kill -9 $(worker_of capture); sleep 0.2
check "after the death of its input it comes back" wait_until 10 sh -c "! '$hass' states $wake | grep -q unavailable"
stop_edged
check "without the service it is unavailable" wait_until 10 is $wake unavailable
start_edged
check "with it, it is back" wait_until 10 is $wake off
kill -9 $service; sleep 0.3; pkill -9 -f "^publish " ; sleep 0.3
check "a service that vanished leaves it unavailable: the will" wait_until 15 is $wake unavailable
start_edged
check "and back" wait_until 15 is $wake off

"$hass" stop >/dev/null
"$hass" restart >/dev/null
check "after a restart of Home Assistant the states are there" wait_until 10 sh -c "[ \$('$hass' states $wake | jq -r '.[].state') != unavailable ]"

"$hass" stop >/dev/null
stop_edged
configure true wake
start_edged
sleep 1
"$hass" restart >/dev/null
check "a pipeline deleted while Home Assistant was down is gone" wait_until 10 is $extra absent
check "its state is off the broker" [ -z "$(mosquitto_sub -h 127.0.0.1 -p $port -t edged/test/extra/state -W 1 2>/dev/null)" ]
check "the other one is there" is $wake off
"$hass" stop >/dev/null
"$hass" restart >/dev/null
check "and stays gone" is $extra absent

stop_edged
configure true wake extra
start_edged
check "a pipeline that is new again is found" wait_until 10 is $extra off
stop_edged
configure false wake extra
start_edged
check "without discovery the device is gone" wait_until 10 is $wake absent
stop_edged
check "Home Assistant saw no problem: $("$hass" problems | tail -n 3)" "$hass" problems
