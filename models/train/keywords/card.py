"""Writes the card of a model file; the figures come from evaluate.py."""

import argparse
import hashlib
from pathlib import Path

import frontend
from decide import HOP, SHIPPED
from labels import LABELS

TEMPLATE = """\
# {model}.yaml - the card of {model}.tflite; written by train/keywords/card.py.
model: {model}
version: {version}
file: {model}.tflite
sha256: {sha256}
task: audio classification
licence: Apache-2.0
source: >-
  Depthwise separable CNN for ten English words, {kind}. Trained from scratch by
  train/keywords on Speech Commands recordings, words and text spoken by espeak-ng and flite, and
  noise; ARM's DSCNN_L (Apache-2.0) was its teacher.
attribution: Speech Commands, Pete Warden, Google, CC BY 4.0
labels: [{labels}]
background: [unknown, silence]
output: probabilities

front_end:
  kind: mel
  rate: 16 kHz
  length: 1 s
  hop: {hop} ms
  frame: {frame}
  step: {step}
  window: hann
  fft: {fft}
  spectrum: power
  scale: 1
  mel: {{bands: {bands}, low: {low:g} Hz, high: {high:g} Hz, formula: htk, norm: none}}
  level: mean
  log: {{base: e, add: {add}}}
  shift: {shift}
  factor: {factor}
  clip: [{clip[0]:g}, {clip[1]:g}]

decide:
  {{window: 1 s, hop: {hop} ms, smooth: {over} ms, threshold: {decide.threshold},
   margin: {decide.margin}, at_least: {decide.at_least}, hold: {hold} ms}}

# Percent; alarms_an_hour are decisions on sound without keywords, with the settings above but for
# the threshold.
accuracy:
  weights: {weights}
  multiply_accumulates: {macs}
{accuracy}"""


def cost() -> tuple[int, int]:
    """Weights without biases, and multiply-accumulates a window."""
    from network import Conv, Network
    network = Network()
    weights = macs = network.classifier.weight.numel()
    for module in network.modules():
        if isinstance(module, Conv):
            size = module[1].weight.numel()
            weights += size
            macs += size * module.size[0] * module.size[1]
    return weights, macs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="keywords.tflite")
    parser.add_argument("--report", type=Path, required=True, help="from evaluate.py")
    parser.add_argument("--version", type=int, default=1)
    args = parser.parse_args()

    weights, macs = cost()
    report = "".join(f"  {line}\n" for line in args.report.read_text().splitlines())
    args.model.with_suffix(".yaml").write_text(TEMPLATE.format(
        model=args.model.stem, version=args.version,
        sha256=hashlib.sha256(args.model.read_bytes()).hexdigest(),
        kind="float32" if "float" in args.model.stem else "int8 throughout",
        labels=", ".join(f'"{label}"' for label in LABELS), hop=round(HOP * 1000),
        frame=frontend.FRAME, step=frontend.STEP, fft=frontend.FFT, bands=frontend.BANDS,
        low=frontend.LOW_HZ, high=frontend.HIGH_HZ, add=frontend.LOG_ADD, shift=frontend.SHIFT,
        factor=frontend.FACTOR, clip=frontend.CLIP, decide=SHIPPED, over=round(SHIPPED.over * 1000),
        hold=round(SHIPPED.hold * 1000), weights=weights, macs=macs, accuracy=report))


if __name__ == "__main__":
    main()
