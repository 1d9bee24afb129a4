#!/bin/bash
# Wrong pictures of each kind end with a clear sentence and exit code 65; odd but good ones are judged.
for program in python3 jq; do
	command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
done
edged=$PWD/src/edged
model=$PWD/share/models/keywords.tflite
sound=$PWD/share/quickstart.flac
vectors=$(cd "$srcdir" && pwd)/tests/image/vectors.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

once() {	# once code 'words of the sentence' arguments...
	code=$1 words=$2
	shift 2
	timeout 60 "$edged" --once --config edged.yaml --json "$@" >out 2>err
	got=$?
	if [ $got = "$code" ] && { [ -z "$words" ] || grep -q -- "$words" err; } && [ "$(wc -l <err)" -le $# ] &&
		! grep -q 'Sanitizer\|runtime error' err; then
		echo "ok: $code ${words:-judged}: $(tr '\n' ' ' <err | cut -c1-150)"
	else
		fail "exit $got, wanted $code '$words': $* said: $(head -n 5 err)"
	fi
}

configure() {	# configure 'stages before the model' 'picture of the card' ['labels']
	printf 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n' | head -n "${3:-12}" >labels.txt
	printf 'model: stripes\nlabels_file: labels.txt\npicture: {%s}\n' "$2" >card.yaml
	cat >edged.yaml <<-END
	gateway: test
	inputs: {file: {file: good.pgm}}
	models: {stripes: {file: $model, card: card.yaml}}
	pipelines: {look: {from: file, stages: [$1 {model: stripes}, {smooth: 3 s}, {decide: {threshold: 0.0, at_least: 3}}]}}
	END
}

# The keyword model sees any 40 x 49 values: what it says of them does not matter here.
card='size: 40x49, colour: grey, mean: 128, std: 16'
configure '' "$card"

python3 - "$vectors" <<'END'
import struct, sys, zlib
for line in open(sys.argv[1]):
    words = line.split()
    if words[0] == "decode":
        open(words[1], "wb").write(bytes.fromhex(words[5]))
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
def png(name, width, height, bits, rows, kind=0):
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
png("bomb.png", 60000, 60000, 8, bytes(100000))
png("sheet.png", 8000, 8000, 1, bytes(1001 * 8000))
png("narrow.png", 1, 60000, 8, bytes(2 * 60000))
png("zero.png", 0, 0, 8, b"")
png("short.png", 100, 100, 8, bytes(5000))
whole = open("420.jpg", "rb").read()
open("cut.jpg", "wb").write(whole[:len(whole) * 3 // 4])
open("head.jpg", "wb").write(whole[:200])
at = whole.index(b"\xff\xc0")
for name, height, width in (("huge.jpg", 65000, 65000), ("flat.jpg", 0, 13), ("tall.jpg", 4000, 13)):
    open(name, "wb").write(whole[:at + 5] + struct.pack(">HH", height, width) + whole[at + 9:])
open("bytes.pgm", "wb").write(b"P5 40 49 255\n" + bytes(i * 37 % 251 for i in range(1960)))
open("good.pgm", "wb").write(b"P5 120 147 255\n" + bytes((i * 37 + i // 120 * 11) % 251 for i in range(120 * 147)))
open("animated.gif", "wb").write(b"GIF89a" + bytes(100))
END
: >empty.jpg
cp 420.jpg wrong-name.wav
cp rgb.png wrong-name.jpg
cp "$sound" sound.jpg
echo "this is text, whatever its name says" >text.jpg
head -c 200000 /dev/urandom >noise.png
mkdir folder.jpg
mkfifo pipe.jpg

# ---- refused ----
once 65 'cut.jpg: JPEG: damaged' cut.jpg
once 65 'JPEG: damaged' head.jpg
once 65 '65000x65000 pixels are too many (65535 a side, 64 million in all)' huge.jpg
once 65 'flat.jpg: JPEG:' flat.jpg
once 65 'JPEG: damaged' tall.jpg
once 65 'PNG: 60000x60000 pixels are too many' bomb.png
once 65 'PNG: damaged' zero.png
once 65 'PNG: damaged' short.png
once 65 'empty (a sound file or a picture is wanted)' empty.jpg
once 65 'a GIF picture (JPEG, PNG, BMP and PNM are read)' animated.gif
once 65 'neither sound (WAV, FLAC, Ogg) nor a picture (JPEG, PNG, BMP, PNM)' text.jpg
once 65 'neither sound' noise.png
once 65 'model stripes judges pictures, and the input is sound' sound.jpg
once 65 'no ordinary file' pipe.jpg
once 66 'folder' folder.jpg
once 66 'No such file' missing.jpg

# ---- judged ----
once 0 '' good.pgm 420.jpg grey.jpg progressive.jpg interlaced.png palette.png deep.png alpha.png rgb.bmp top-down.bmp \
	rgb.ppm wrong-name.wav wrong-name.jpg sheet.png narrow.png
[ "$(wc -l <out)" = 15 ] || fail "15 pictures give 15 lines"
jq -e 'select(.kind != "decision" or (.top | length) != 5 or .gate.at_least != 1 or has("raw"))' out >/dev/null &&
	fail "a picture does not decide at once: $(head -c 600 out)"
[ "$(jq -r 'select(.file == "wrong-name.jpg") | .format' out)" = PNG ] || fail "a name was believed"
once 65 'text.jpg' good.pgm text.jpg rgb.png
[ "$(jq -r .file out | tr '\n' ' ')" = "good.pgm rgb.png " ] || fail "a bad file among good ones stops them"

# ---- stages in front of the model ----
scores() {
	once 0 '' "$1" --trace
	jq -c .scores out
}
plain=$(scores good.pgm | tail -n 1)
configure '{resize: 40x49},' "$card"
[ "$(scores good.pgm | tail -n 1)" = "$plain" ] || fail "the stage resize is not the card's"
configure '{crop: {to: 60x49}}, {resize: {to: 40x49, fit: letterbox, by: area, fill: 9}},' "$card"
[ "$(scores good.pgm | tail -n 1)" != "$plain" ] || fail "crop changes nothing"
configure '{crop: 0.5},' "$card"
once 0 '' good.pgm
timeout 60 "$edged" --check-config --config edged.yaml >out 2>err && grep -q 'crop: pictures of 60x75, grey' out ||
	fail "--check-config: $(cat err out)"
configure '{crop: {to: 200x10}},' "$card"
once 78 'stages\[0\].crop: to 200x10: the picture has 120x147' good.pgm
configure '{crop: {}},' "$card"
once 78 'nothing to crop to' good.pgm
configure '{resize: {to: 40x49, fill: [1, 2]}},' "$card"
once 78 'fill: 2 numbers' good.pgm
configure '{window: {hop: 1 s}},' "$card"
once 78 'stages\[0\].window: takes sound, and model stripes judges pictures' good.pgm

# ---- cards ----
configure '' 'size: 40x48, colour: grey'
once 78 'model stripes takes 1x49x40x1, its card says 1 channel of 40x48' good.pgm
configure '' 'size: 40x49'
once 78 'its card says 3 channels of 40x49' good.pgm
configure '' "$card" 11
once 78 '12 outputs, its card 11 labels' good.pgm
rm labels.txt
once 66 "labels.txt (the model's labels)" good.pgm

echo "$failures failures"
[ $failures = 0 ]
