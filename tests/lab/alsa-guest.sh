#!/bin/sh
# In the lab's machine: snd-aloop (what is played into device 0 is heard on device 1) and snd-dummy.
failures=0
check() {
	sentence=$1
	shift
	if "$@"; then echo "ok: $sentence"; else echo "FAILED: $sentence"; failures=$((failures + 1)); fi
}
wait_until() {
	limit=$(($1 * 10))
	shift
	while [ $limit -gt 0 ]; do
		if "$@" >/dev/null 2>&1; then return 0; fi
		sleep 0.1
		limit=$((limit - 1))
	done
	return 1
}
logged() { grep -q "$1" edged.log; }
said() { grep -q "$1" messages; }
words() { sed -n 's|^edged/lab/wake/event .*"phase":"begin","label":"\([a-z]*\)".*|\1|p' messages | tr '\n' ' '; }
in_order() { echo "$1" | grep -q "$2"; }
unplug() { echo snd_aloop.0 >/sys/bus/platform/drivers/snd_aloop/unbind; }

src/edgectl devices --text | tee devices.txt
check "edgectl devices lists the loop" grep -q 'alsa: {device: "hw:CARD=Loopback,DEV=1"}' devices.txt
check "with its formats" grep -q 'S16_LE S32_LE' devices.txt

printf 'listener 1883\nallow_anonymous true\n' >mosquitto.conf
mosquitto -c mosquitto.conf >broker.log 2>&1 &
sleep 1
mosquitto_sub -t 'edged/#' -F '%t %p' >messages &
arecord -q -D hw:Loopback,1,2 -f S16_LE -r 16000 -c 1 /dev/null &
holder=$!
cat >edged.yaml <<END
gateway: lab
mqtt: "mqtt://127.0.0.1"
inputs:
  loop: {alsa: {device: "hw:CARD=Loopback,DEV=1", rate: 48 kHz, channels: 2}}
  dummy: {alsa: {device: "hw:CARD=Dummy", mixer: {capture: on, volume: 80 %, automatic_gain: off}}}
  held: {alsa: "hw:CARD=Loopback,DEV=1,SUBDEV=2"}
models: {keywords: share/models/keywords.tflite}
# an emulated processor is slow: few windows, each decides
pipelines:
  wake: {from: loop, stages: [{window: {hop: 500 ms}}, {model: keywords}, {decide: {threshold: 0.9}}]}
  nothing: {from: dummy, stages: &few [{window: {hop: 10 s}}, {model: keywords}, {decide: {threshold: 0.9}}]}
  none: {from: held, stages: *few}
END
STATE_DIRECTORY=$PWD/state src/edged --config edged.yaml >edged.log 2>&1 &
service=$!
check "the service is ready" wait_until 30 logged ': ready'
check "the loop is online" wait_until 10 said 'input/loop/availability online'
aplay -q -D hw:Loopback,0,0 hello.wav
sleep 2
words=$(words)
check "it heard words of it, in their order: $words" in_order "$words" "^left .*go $"
check "nobody plays: digital silence" wait_until 15 said 'input/loop/status .*"impaired".*digital silence'
check "the dummy, too" wait_until 15 said 'input/dummy/status .*"impaired".*digital silence'
check "a missing element of its mixer is a warning" logged 'automatic_gain is not set'
check "its volume is set: $(amixer -c Dummy sget Mic | tail -n 1)" sh -c "amixer -c Dummy sget Mic | grep -q '\[80%\].*\[on\]'"
check "another program holds the third" said 'input/held/status .*"offline".*another program holds it: PipeWire'
kill $holder
check "and lets it go: online" wait_until 15 said 'input/held/status .*"online"'

unplug &
check "unplugged: offline" wait_until 10 said 'input/loop/status .*"offline".*it is not there'
wait_until 10 test ! -e /proc/asound/Loopback
echo snd_aloop.0 >/sys/bus/platform/drivers/snd_aloop/bind
: >messages.old
cp messages messages.old
check "plugged in again: online" wait_until 20 sh -c "tail -n 3 messages | grep -q 'input/loop/status .*\"online\"'"
aplay -q -D hw:Loopback,0,0 hello.wav
sleep 2
words=$(words)
check "it heard them again: $words" in_order "$words" "^left .*go .*left .*go $"
check "no process was started again" sh -c '! grep -q "starts again" edged.log'
kill $service
wait $service
check "the service ends cleanly" [ $? = 0 ]
[ $failures = 0 ] || cat edged.log messages
exit $failures
