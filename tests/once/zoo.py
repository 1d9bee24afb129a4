#!/usr/bin/env python3
"""Each sound model of the zoo in a configuration of its own, through `edged --once`: the labels must be those that the
reference runtime gave (CASES.tsv).

zoo.py EDGED ZOO
"""
import json
import pathlib
import subprocess
import sys
import tempfile

MFCC = """kind: mel, rate: 16 kHz, length: 1 s, normalize: peak, frame: 480, step: 320, fft: 512, window: hann,
  spectrum: magnitude, mel: {bands: 40, low: 20 Hz, high: 4 kHz}, log: {base: e, add: 1e-6}, cepstra: 10"""
WAKE = """kind: mel, rate: 16 kHz, length: 992 ms, preemphasis: 0.96875, frame: 1024, step: 512, fft: 1024,
  window: hamming-symmetric, spectrum: power, scale: 0.0009765625, mel: {bands: 40, low: 0 Hz, high: 8 kHz},
  log: {base: decibel, floor: 1e-30}, shift: 52, factor: 0.015625, clip: [0, 1]"""
# 26/666 of micro_speech's own steps: (f * 256 + 333) / 666 - 128 in units of its input scale.
SPEECH = """kind: micro, rate: 16 kHz, length: 990 ms, frame: 480, step: 320, mel: {bands: 40, low: 125 Hz, high: 7500 Hz},
  state: fresh, factor: 0.0390979205523883"""
STREAM = """kind: micro, rate: 16 kHz, length: {length}, hop: {hop}, frame: 480, step: {step}, state: stream,
  mel: {{bands: 40, low: 125 Hz, high: 7500 Hz}}, factor: 0.0390625"""
ANOMALY = """kind: mel, rate: 16 kHz, length: 800 ms, frame: 1024, step: 512, fft: 1024, centred: true, window: hann,
  spectrum: power, mel: {bands: 128, low: 0 Hz, high: 8 kHz, formula: slaney, norm: slaney},
  log: {base: decibel, add: 2.220446049250313e-16}, first: 20, count: 5"""
SAMPLES = "kind: none, rate: 16 kHz, length: 975 ms"
V2 = STREAM.format(length="50 ms", hop="30 ms", step=160)
V1 = STREAM.format(length="30 ms", hop="20 ms", step=320)

# model, front end, labels, output, smoothing, and for each recording what must come out: a label of the first window,
# or for wake words the greatest smoothed score, or for the autoencoder its score.
CASES = [
    ("mlperf_tiny/kws_ref_model", MFCC, "kws_12.txt", "probabilities", None,
     {"yes_1000ms": "yes", "no_1000ms": "go", "silence_1000ms": "_silence_", "marvin_617de221_0": "_unknown_"}),
    ("mlperf_tiny/kws_ref_model_float32", MFCC, "kws_12.txt", "probabilities", None,
     {"yes_1000ms": "yes", "no_1000ms": "go", "silence_1000ms": "_silence_", "marvin_617de221_0": "_unknown_"}),
    ("tflm/micro_speech_quantized", SPEECH, "micro_speech.txt", "probabilities", None,
     {"yes_1000ms": "yes", "no_1000ms": "no", "silence_1000ms": "silence", "noise_1000ms": "silence"}),
    ("mlperf_tiny/str_ww_ref_model", WAKE, "sww_3.txt", "probabilities", None, {"marvin_617de221_0": "marvin"}),
    ("mww/v2_alexa", V2, ["wake"], "probabilities", "150 ms",
     {"alexa_1": 0.996, "alexa_2": 0.996, "hey_jarvis_1": 0.0, "okay_nabu_1": 0.004}),
    ("mww/v2_hey_jarvis", V2, ["wake"], "probabilities", "150 ms",
     {"hey_jarvis_1": 0.996, "hey_jarvis_2": 0.996, "alexa_1": 0.0, "okay_nabu_1": 0.0}),
    ("mww/v2_okay_nabu", V2, ["wake"], "probabilities", "150 ms",
     {"okay_nabu_1": 0.984, "okay_nabu_2": 0.996, "alexa_1": 0.005, "hey_jarvis_1": 0.008}),
    ("mww/v2_vad", V2, ["speech"], "probabilities", "150 ms", {"okay_nabu_1": 0.996, "noise_1000ms": 0.014}),
    ("mww/v1_okay_nabu", V1, ["wake"], "probabilities", "200 ms", {"okay_nabu_1": 0.359}),
    ("tflite_support/yamnet_audio_classifier_with_metadata", SAMPLES, "yamnet_521.txt", "probabilities", None,
     {"speech": "Speech", "yes_1000ms": "Speech", "noise_1000ms": "Pink noise"}),
    ("mlperf_tiny/ad01_fp32", ANOMALY, ["anomaly"], "reconstruction", None, {"speech": 350.4253}),
    ("mlperf_tiny/ad01_int8", ANOMALY, ["anomaly"], "reconstruction", None, {"speech": 339.2955}),
]


def write(folder, zoo, model, front_end, labels, output, smooth):
    if isinstance(labels, str):
        labels = [line.strip() for line in open(zoo / "labels" / labels) if line.strip()]
    quoted = ", ".join(json.dumps(label) for label in labels)
    (folder / "card.yaml").write_text(
        f"model: zoo\nlabels: [{quoted}]\noutput: {output}\nfront_end: {{{front_end}}}\n")
    stages = ["{model: zoo}"] + ([f"{{smooth: {smooth}}}"] if smooth else []) + ["{decide: {threshold: 0.5}}"]
    (folder / "edged.yaml").write_text(
        f"gateway: test\ninputs: {{file: {{file: x.wav}}}}\n"
        f"models: {{zoo: {{file: {zoo / 'models' / model}.tflite, card: card.yaml}}}}\n"
        f"pipelines: {{zoo: {{from: file, stages: [{', '.join(stages)}]}}}}\n")


def judge(edged, folder, recording):
    command = [edged, "--once", str(recording), "--config", str(folder / "edged.yaml"), "--trace", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        return None, done.stderr.strip()
    windows = [w for w in map(json.loads, done.stdout.splitlines()) if w["kind"] == "window"]
    return windows, None


def main():
    edged, zoo = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    passed = failed = 0
    for model, front_end, labels, output, smooth, wanted in CASES:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write(folder, zoo, model, front_end, labels, output, smooth)
            for recording, expected in wanted.items():
                windows, error = judge(edged, folder, zoo / "inputs" / "audio" / f"{recording}.wav")
                found = error
                if windows and isinstance(expected, str):
                    found = windows[0]["label"]
                    good = found == expected
                elif windows:
                    found = max(w["score"] for w in windows) if output == "probabilities" else windows[0]["score"]
                    good = abs(found - expected) <= max(0.02, 0.005 * expected)
                else:
                    good = False
                passed, failed = passed + good, failed + (not good)
                print(f"{'ok' if good else 'FAILED'}: {model} on {recording}: {found} ({expected})")
    print(f"zoo models through --once: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
