"""Makes the quickstart's recording: a few keywords and one other word, spoken by flite."""

import argparse
from pathlib import Path

import numpy as np
import soundfile

from frontend import RATE
from noise import coloured
from synthesize import flite, trim

WORDS = ["left", "yes", "house", "off", "go"]      # house is no keyword
VOICE, STRETCH, PITCH_HZ = "rms", 1.1, 110         # a voice that was not in the training
FIRST, PAUSE = 1.2, 1.7                            # seconds
PEAK, NOISE = 0.5, 0.0015


def recording() -> np.ndarray:
    parts = [np.zeros(int(FIRST * RATE))]
    for word in WORDS:
        said = trim(flite(word, VOICE, STRETCH, PITCH_HZ))
        parts += [said * (PEAK / np.abs(said).max()), np.zeros(int(PAUSE * RATE))]
    sound = np.concatenate(parts)
    sound += NOISE * coloured(np.random.default_rng(1), len(sound), slope=1.0)
    return np.round(sound * 32767).astype(np.int16)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="a .wav or .flac file")
    args = parser.parse_args()
    soundfile.write(args.out, recording(), RATE, subtype="PCM_16")


if __name__ == "__main__":
    main()
