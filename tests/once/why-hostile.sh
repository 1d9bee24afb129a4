#!/bin/bash
# Trace files that were damaged, and ones whose checks are right but whose numbers are anything: edgectl why
# answers or refuses, and never dies of a signal.
edgectl=$PWD/src/edgectl build=$PWD
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/src/edged" --once "$build/share/quickstart.flac" --trace-file "$work/good.trace" >/dev/null || exit 1
cat >"$work/damage.py" <<'END'
import random, struct, sys
HEAD, STATE, ANCHORS, META, META_BYTES, RECORDS = 0, 512, 1024, 8192, 56 << 10, 65536

def check(data, seed=0):
    value = 2166136261 ^ ((seed ^ seed >> 32) & 0xffffffff)
    for byte in data:
        value = (value ^ byte) * 16777619 & 0xffffffff
    return value

def seal(d):    # makes every check right again
    struct.pack_into("<I", d, HEAD + 24, check(d[META:META + META_BYTES]))
    struct.pack_into("<I", d, HEAD + 28, check(d[HEAD:HEAD + 28]))
    struct.pack_into("<I", d, STATE + 28, check(d[STATE:STATE + 28]))
    for i in range(3):
        at = ANCHORS + i * 72
        struct.pack_into("<I", d, at + 68, check(d[at:at + 68]))
    for i in range((len(d) - RECORDS) // 64):
        at = RECORDS + i * 64
        value = check(d[at:at + 62], i + 1)
        struct.pack_into("<H", d, at + 62, (value ^ value >> 16) & 0xffff)

def damage(r, d):
    places = [(16, 24), (512, 540), (1024, 1240), (META + 320, META + 664), (META + 664, META + 760),
              (RECORDS, len(d)), (RECORDS, len(d)), (META, META + 664)]
    for _ in range(r.randint(1, 12)):
        low, high = r.choice(places)
        at = r.randrange(low, high)
        odd = r.choice([0, 1, 0x7f, 0x80, 0xff, r.randrange(256)])
        for k in range(at, min(at + r.choice([1, 1, 2, 4, 8]), len(d))):
            d[k] = odd

good, out, number = open(sys.argv[1], "rb").read(), sys.argv[2], int(sys.argv[3])
r, d = random.Random(number), bytearray(good)
damage(r, d)
if number % 4:
    seal(d)
if number % 11 == 0:
    d = d[:r.randrange(len(d))]
open(out, "wb").write(d)
END
answered=0 refused=0 died=0
for number in $(seq 1 "${WHY_FILES:-80}"); do
	python3 "$work/damage.py" "$work/good.trace" "$work/bad.trace" "$number"
	for question in "--last --text" "--last --json" "--not yes --text" "--not go --at 11s --json"; do
		timeout 20 "$edgectl" why --trace-file "$work/bad.trace" $question >"$work/out" 2>"$work/errors"
		case $? in
		0) answered=$((answered + 1)) ;;
		64 | 65 | 66 | 75) refused=$((refused + 1)) ;;
		*)
			died=$((died + 1))
			echo "FAILED: file $number: why $question"
			tail -n 5 "$work/errors"
			;;
		esac
	done
done
echo "damaged trace files: $answered questions answered, $refused refused, $died died"
[ "$died" = 0 ] && [ "$answered" -gt 20 ] && [ "$refused" -gt 20 ]
