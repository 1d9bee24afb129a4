# lib.sh - what the tests of microphones share: cards that fall ill when told, by tests/input/alsa_plugin.c.
# Sourced behind tests/daemon/lib.sh.
plugin=$build/tests/input/alsa_plugin.so
skip() {
	echo "skipped: $1"
	trap - EXIT
	rm -rf "$work"
	exit 77
}
[ -f "$plugin" ] || skip "built without alsa-lib"
export ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:$work/asoundrc
printf '%s.edgedtest { lib "%s" }\n' pcm_type "$plugin" ctl_type "${plugin%_plugin.so}_mixer_plugin.so" >"$work/asoundrc"

add_card() {	# add_card name raw-file rate channels format mapped
	: >"$work/$1.control"
	cat >>"$work/asoundrc" <<-END
	pcm.$1 {
		type edgedtest
		file "$2"
		control "$work/$1.control"
		rate $3
		channels $4
		format $5
		mapped $6
	}
	END
}

add_mixer() {	# add_mixer name capture volume gain boost
	printf '%s\n' "$2" "$3" "$4" "$5" >"$work/$1.mixer"
	printf 'ctl.%s { type edgedtest file "%s" }\n' "$1" "$work/$1.mixer" >>"$work/asoundrc"
}

ill() {	# ill card word...: from now on; without a word it is well again
	card=$1
	shift
	echo "$@" >"$work/$card.new"
	mv "$work/$card.new" "$work/$card.control"
}

write_microphones() {	# write_microphones name settings, and so on: a pipeline each
	{
		echo "gateway: test"
		echo "mqtt: \"mqtt://127.0.0.1:$port\""
		echo "models: {keywords: {file: $build/share/models/keywords.tflite}}"
		inputs= pipelines=
		while [ $# -gt 0 ]; do
			inputs="$inputs
  $1: {alsa: $2}"
			pipelines="$pipelines
  wake-$1:
    from: $1
    stages:
$(sed -n '/^      - /p' "$srcdir/conf/keywords-once.yaml")"
			shift 2
		done
		echo "inputs:$inputs"
		echo "pipelines:$pipelines"
	} >"$work/edged.yaml"
}

status_of() { messages "input/$1/status" | tail -n 1 | jq -r .state; }
reason_of() { messages "input/$1/status" | tail -n 1 | jq -r .reason; }
is_state() { [ "$(status_of "$1")" = "$2" ]; }
words_of() { messages "wake-$1/event" | jq -r 'select(.phase == "begin") | .label'; }
heard() { [ "$(words_of "$1" | wc -l)" -ge "$2" ]; }
