"""What evaluate.py listens to: clips, keywords in a stream, noise, and speech without keywords.

Not in the training: the testing speakers, the last part of the background recordings, the seeds.
Shared with it: the kinds of noise, and the words and sentences of the synthetic text; of its two
voices flite's rms is new, espeak-ng's is not.
"""

import random
from pathlib import Path

import numpy as np

from frontend import RATE
from labels import SILENCE, UNKNOWN
from noise import at_level, recorded, synthetic
from synthesize import HERE, espeak, flite, random_text, to_int16

Streams = list[np.ndarray]
MADE = {"validation": 4, "testing": 7}      # seeds of what is made, not recorded


def recordings(cache: Path) -> list[np.ndarray]:
    return list(np.load(cache / "noise_testing.npz").values())


def clips(cache: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The clips of a split, and silence as a tenth of all: recorded noise at 0 to full level."""
    data, rng = np.load(cache / f"{split}.npz"), np.random.default_rng(2)
    noise = recordings(cache)
    quiet = []
    for _ in range(len(data["clips"]) // 9):
        recording = noise[rng.integers(len(noise))]
        start = rng.integers(len(recording) - RATE)
        quiet.append(np.round(recording[start:start + RATE] * rng.random()).astype(np.int16))
    return (np.concatenate([data["clips"], np.stack(quiet)]),
            np.concatenate([data["labels"], np.full(len(quiet), SILENCE)]))


def with_noise(stream: np.ndarray, rng, noise: list[np.ndarray]) -> np.ndarray:
    """Faint noise of a room under everything."""
    under = recorded(rng, noise, 4 * RATE) * 10 ** rng.uniform(-4, -2.5)
    under = np.resize(np.concatenate([under, under[::-1]]), len(stream))
    return np.clip(stream + under * 32768, -32768, 32767).astype(np.int16)


def keyword_streams(cache: Path, split: str) -> tuple[Streams, list[int]]:
    """Each keyword clip somewhere in 4 s of faint noise."""
    data, rng, noise = np.load(cache / f"{split}.npz"), np.random.default_rng(3), recordings(cache)
    streams, labels = [], []
    for clip, label in zip(data["clips"], data["labels"]):
        if label < UNKNOWN:
            stream = np.zeros(4 * RATE)
            start = rng.integers(RATE, 2 * RATE)
            stream[start:start + RATE] = clip
            streams.append(with_noise(stream, rng, noise))
            labels.append(int(label))
    return streams, labels


def noise_streams(cache: Path, split: str, minutes: int) -> Streams:
    """Noise of every kind at every level, 15 s each."""
    rng, noise = np.random.default_rng(MADE[split]), recordings(cache)
    streams = []
    for number in range(minutes * 4):
        size = 15 * RATE
        sound = np.resize(recorded(rng, noise, 15 * RATE), size) if number % 3 == 0 \
            else synthetic(rng, size)
        streams.append(at_level(rng, sound) if np.abs(sound).max() > 0.001
                       else np.round(sound * 32768).astype(np.int16))
    return streams


def word_streams(cache: Path, split: str, minutes: int) -> Streams:
    """Words by people that are no keywords, one after the other with short pauses."""
    data, rng, noise = np.load(cache / f"{split}.npz"), np.random.default_rng(5), recordings(cache)
    words = data["clips"][data["labels"] == UNKNOWN].astype(np.float64)
    streams = []
    for _ in range(minutes):
        stream, at = np.zeros(60 * RATE), 0
        while at < len(stream) - RATE:
            stream[at:at + RATE] += words[rng.integers(len(words))]
            at += int(rng.uniform(0.5, 1.1) * RATE)
        streams.append(with_noise(stream, rng, noise))
    return streams


def text_streams(cache: Path, split: str, minutes: int) -> Streams:
    """Running text by flite's voice rms, which was not in the training, and by espeak-ng."""
    words = sorted(set((HERE / "words.txt").read_text().split()))
    sentences = (HERE / "sentences.txt").read_text().splitlines()
    rng, noise = np.random.default_rng(6), recordings(cache)
    streams = []
    for minute in range(minutes):
        chance, stream = random.Random(MADE[split] * 10**7 + minute), np.zeros(0)
        while len(stream) < 60 * RATE:
            text = random_text(words, sentences, chance)
            said = flite(text, "rms", chance.uniform(0.9, 1.2), 110) if minute % 2 else \
                espeak(text, "en-us", chance.randrange(130, 190), chance.randrange(30, 70))
            stream = np.concatenate([stream, to_int16(said) * 0.5])
        streams.append(with_noise(stream[:60 * RATE], rng, noise))
    return streams
