#!/bin/bash
# card.sh - cards that `edgectl model card` writes: what they say, and that edged takes them as they are.
top=$(cd "${srcdir:-.}" && pwd)
tool=$PWD/src/process/model-tool edged=$PWD/src/edged
zoo=${EDGED_SHARED:-$top/../shared}/modelzoo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# expect FILE PATTERN...: the card has a line for each
expect() {
	local file=$1 pattern
	shift
	for pattern; do
		if grep -qE -- "$pattern" "$file"; then
			passed=$((passed + 1))
		else
			echo "FAILED: $(basename "$file") lacks '$pattern'"
			failed=$((failed + 1))
		fi
	done
}

"$tool" card "$top/models/keywords.tflite" >"$work/keywords.yaml"
expect "$work/keywords.yaml" '^model: keywords$' '^output: probabilities' '^labels: .*"11"\]$' '^sha256: [0-9a-f]{64}$'

# A card with its model, a configuration, a picture: the label.
judge() {
	local model=$1 picture=$2 label=$3
	cp "$zoo/models/$model" "$work/m.${model##*.}"
	"$tool" card "$work/m.${model##*.}" >"$work/m.yaml" || failed=$((failed + 1))
	cat >"$work/edged.yaml" <<-END
	gateway: test
	inputs: {camera: {file: $zoo/inputs/image/$picture}}
	models: {m: m.${model##*.}}
	pipelines: {look: {from: camera, stages: [{model: m}, {decide: 0.01}]}}
	END
	got=$("$edged" --once --json --config "$work/edged.yaml" "$zoo/inputs/image/$picture" 2>&1)
	case $got in
	*"\"label\":\"$label"*) passed=$((passed + 1)) ;;
	*)
		echo "FAILED: $model on $picture: ${got:0:300} ($label wanted)"
		failed=$((failed + 1))
		;;
	esac
}

if [ -d "$zoo" ]; then
	judge coral/mobilenet_v1_0.25_128_quant.tflite cat.bmp 'Egyptian cat'
	expect "$work/m.yaml" '^background: \[background\]$' '^  size: 128x128$' '^  mean: 127.5'
	judge coral/tf2_mobilenet_v2_1.0_224_ptq.tflite burger.jpg 'cheeseburger'
	judge effnet/efficientnet_lite0_food_dynamic.tflite burger.jpg 'lumpia semarang'
	expect "$work/m.yaml" '^  std: 255' '^attribution: "TensorFlow Lite Model Maker"$'
	"$tool" card "$zoo/models/tflite_support/yamnet_audio_classifier_with_metadata.tflite" >"$work/yamnet.yaml"
	expect "$work/yamnet.yaml" '^  kind: none' '^  rate: 16000 Hz$' '^  length: 0.975 s$' '^  - "Speech"$'
else
	echo "skipped: the cards of ../shared/modelzoo (the folder is not there)"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -ge 4 ]
