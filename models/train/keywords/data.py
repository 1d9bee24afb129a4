"""The recordings, decoded once and kept as one file of int16 clips a split."""

import argparse
from pathlib import Path

import numpy as np
import soundfile

from frontend import RATE
from labels import LABELS, UNKNOWN

TRAINING_NOISE = 0.7        # of each background recording; the rest is for testing


def read(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path, dtype="int16")
    if rate != RATE or samples.ndim != 1:
        raise SystemExit(f"{path}: not {RATE} Hz mono")
    return samples


def load_split(speech: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Clips [n, RATE], padded with zeros at the end, and their labels [n]."""
    clips, labels = [], []
    for path in sorted((speech / split).glob("*/*.flac")):
        clip = read(path)[:RATE]
        clips.append(np.pad(clip, (0, RATE - len(clip))))
        word = path.parent.name
        labels.append(LABELS.index(word) if word in LABELS else UNKNOWN)
    return np.stack(clips), np.array(labels)


def load_noise(speech: Path, training: bool) -> list[np.ndarray]:
    """The first part of each background recording for training, the last for testing."""
    recordings = [read(path) for path in sorted((speech / "noise").glob("*.flac"))]
    cuts = [int(len(r) * TRAINING_NOISE) for r in recordings]
    return [r[:cut] if training else r[cut:] for r, cut in zip(recordings, cuts)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()

    args.out.mkdir(parents=True, exist_ok=True)
    for split in "training", "validation", "testing":
        clips, labels = load_split(args.speech, split)
        np.savez(args.out / f"{split}.npz", clips=clips, labels=labels)
    for name, training in ("noise_training", True), ("noise_testing", False):
        np.savez(args.out / f"{name}.npz", *load_noise(args.speech, training))


if __name__ == "__main__":
    main()
