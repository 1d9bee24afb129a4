#!/bin/bash
# Wrong files of each kind end with a clear sentence and the right exit code; odd but good ones are judged.
for program in sox python3 jq; do
	command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
done
edged=$PWD/src/edged
edgectl=$PWD/src/edgectl
share=$PWD/share
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failures=0

expect() {	# expect code 'words of the sentence' arguments of edged...
	code=$1 words=$2
	shift 2
	timeout 20 "$@" >out 2>err
	got=$?
	if [ $got = "$code" ] && { [ -z "$words" ] || grep -q -- "$words" err; } && ! grep -q 'Sanitizer\|runtime error' err; then
		echo "ok: $code ${words:-judged}: $(tr '\n' ' ' <err | cut -c1-150)"
	else
		echo "FAILED: exit $got, wanted $code '$words': $* said: $(head -n 5 err)"
		failures=$((failures + 1))
	fi
}

once() { expect "$1" "$2" "$edged" --once "${@:3}" --json; }

# ---- sound ----
sox -n -r 16000 -c 1 -b 16 good.wav synth 1.5 sine 440 vol 0.3
: >empty.wav
head -c 20000 good.wav >cut.wav
head -c 30 good.wav >head.wav
mkdir folder.wav
printf '\211PNG\r\n\032\n0000IHDR not a sound at all, and long enough to look at' >picture.wav
sox good.wav good.flac && head -c 3000 good.flac >cut.flac
sox -n -r 16000 -c 7 -b 16 seven.wav synth 1 sine 440
sox -n -r 384000 -c 1 -b 16 fast.wav synth 0.5 sine 440
sox -n -r 16000 -c 1 -b 16 none.wav trim 0 0
echo 'neither sound nor a picture, but text' >text.wav
mkfifo pipe.wav
once 65 'empty' empty.wav
once 65 'cut off' cut.wav
once 65 '' head.wav
once 66 'folder' folder.wav
once 65 'PNG: damaged' picture.wav
once 65 'neither sound (WAV, FLAC, Ogg) nor a picture' text.wav
once 65 '' cut.flac
once 65 '7 channels' seven.wav
once 65 '384000' fast.wav
once 65 '' none.wav
once 66 'No such file' missing.wav
once 65 'no ordinary file' pipe.wav
once 65 'no ordinary file' /dev/zero

# ---- odd, but good ----
sox good.wav -r 44100 -c 2 "with space and
newline.wav"
sox good.wav -e mu-law mu.wav
sox good.wav -b 24 deep.wav
sox good.wav -b 8 shallow.wav
sox good.wav -r 8000 slow.wav
sox -n -r 192000 -c 2 -b 16 high.wav synth 1.2 sine 440 vol 0.2
sox good.wav short.wav trim 0 0.1
sox good.wav ümläut.ogg
python3 - <<'END'
import struct
data = struct.pack("<16000f", *([float("nan"), float("inf"), -float("inf"), 1e30] * 4000))
head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 1, 16000, 64000, 4, 32)
open("nan.wav", "wb").write(head + b"data" + struct.pack("<I", len(data)) + data)
END
once 0 '' "with space and
newline.wav"
for file in mu.wav deep.wav shallow.wav slow.wav high.wav short.wav ümläut.ogg nan.wav; do
	once 0 '' $file --trace
	jq -e 'select(.kind == "window")' out >/dev/null || { echo "FAILED: no window of $file"; failures=$((failures + 1)); }
done
once 0 '' short.wav --trace
jq -e '.reasons | index("shorter than a window, padded with zeros")' out >/dev/null ||
	{ echo "FAILED: padding is not said"; failures=$((failures + 1)); }
once 65 'picture.wav' good.wav picture.wav short.wav --trace
[ "$(jq -r .file out | sort -u | tr '\n' ' ')" = "good.wav short.wav " ] ||
	{ echo "FAILED: a bad file among good ones stops them"; failures=$((failures + 1)); }

# ---- models and cards ----
mkdir models
cp "$share"/models/keywords.* models/
cat >edged.yaml <<END
gateway: test
inputs: {file: {file: good.wav}}
models: {keywords: models/keywords.tflite}
pipelines: {wake: {from: file, stages: [{model: keywords}, {decide: 0.5}]}}
END
with() { expect "$1" "$2" "$edged" --once good.wav --config edged.yaml; }
with 0 ''
python3 -c "
data = bytearray(open('models/keywords.tflite', 'rb').read())
data[len(data) // 2] ^= 1
open('models/keywords.tflite', 'wb').write(data)"
with 65 'SHA-256'
sed -i '/^sha256/d' models/keywords.yaml
head -c 50000 "$share/models/keywords.tflite" >models/keywords.tflite
with 65 'damaged'
: >models/keywords.tflite
with 65 'no model'
cp picture.wav models/keywords.tflite
with 65 'neither a TensorFlow Lite model'
rm models/keywords.tflite
with 66 'No such file'
cp "$share/models/keywords.tflite" models/
sed -i 's/frame: 480/frame: 481/' models/keywords.yaml
with 0 ''
sed -i 's/fft: 512/fft: 500/' models/keywords.yaml
with 78 'front_end.fft'
sed -i 's/fft: 500/fft: 512/; s/bands: 40/bands: 39/' models/keywords.yaml
with 78 'takes 1960 values'
sed -i 's/bands: 39/bands: 4000000/' models/keywords.yaml
with 65 'too high'
sed -i 's/bands: 4000000/bands: 40/; s/, "go"//' models/keywords.yaml
with 78 '12 outputs, its card 11 labels'
rm models/keywords.yaml
with 66 "the model's card"

# ---- the tools ----
model=$share/models/keywords.tflite
tool() { expect "$1" "$2" "$edgectl" "${@:3}"; }
head -c 1960 /dev/zero >in.bin
head -c 5880 /dev/zero >three.bin
head -c 100 /dev/zero >odd.bin
tool 0 '' model info "$model"
tool 0 '' model run "$model" --input in.bin
tool 0 '' model run "$model" --input three.bin --output-dir out.d
[ "$(stat -c %s out.d/out0.bin)" = 36 ] || { echo "FAILED: three calls give three outputs"; failures=$((failures + 1)); }
tool 65 '100 bytes are no tensors' model run "$model" --input odd.bin
tool 64 '0 files for 1 inputs' model run "$model"
tool 64 '' model run "$model" --threads 0 --input in.bin
tool 64 '' model dance "$model"
tool 64 '' dance
tool 66 'No such file' model info nothing.tflite
tool 65 '' model info good.wav
expect 64 '' "$edged" --once
expect 64 '' "$edged" --bogus
expect 64 'no pipeline is named' "$edged" --once good.wav --pipeline bogus

echo "$failures failures"
[ $failures = 0 ]
