"""Training examples: each shard is every clip once, freshly augmented, as features with targets.

A shard holds `features` [n, 49, 40], `targets` [n, 12] and `teacher` [n, 12], all float16. The
teacher's row is zero where it was not asked: it knows single words by people, nothing else.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import torch

from augment import Augment, extents, place
from frontend import RATE, features
from labels import LABELS, SILENCE, UNKNOWN
from noise import at_level, normal, recorded, silence, synthetic
from teacher import Teacher

SPEED = 0.15
CHUNK, PIECE = 256, 32


class Source:
    """Single words, with their labels and extents."""

    def __init__(self, path: Path):
        data = np.load(path)
        self.clips, self.labels = data["clips"], data["labels"]
        self.extents = extents(self.clips)
        self.keywords = np.flatnonzero(self.labels < UNKNOWN)
        self.others = np.flatnonzero(self.labels == UNKNOWN)


class Maker:
    def __init__(self, cache: Path, teacher: Path, seed: int):
        self.rng = np.random.default_rng(seed)
        self.people, self.machines = Source(cache / "training.npz"), Source(cache / "words.npz")
        self.text = np.load(cache / "text.npz")["stream"]
        self.recordings = list(np.load(cache / "noise_training.npz").values())
        bank = [normal(self.noise()) for _ in range(4000)]
        self.augment = Augment(torch.from_numpy(np.array(bank, dtype=np.float32)), self.rng)
        self.teacher = Teacher(teacher)

    def noise(self) -> np.ndarray:
        kind = self.rng.random()
        if kind < 0.4:
            return recorded(self.rng, self.recordings, RATE)
        return self.babble() if kind < 0.55 else synthetic(self.rng, RATE)

    def running(self) -> np.ndarray:
        """A second of running text."""
        start = self.rng.integers(len(self.text) - RATE)
        return self.text[start:start + RATE].astype(np.float32)

    def babble(self) -> np.ndarray:
        voices = self.rng.integers(3, 9)
        return sum(self.running() * self.rng.uniform(0.3, 1) for _ in range(voices))

    def speeds(self, count: int) -> np.ndarray:
        return self.rng.uniform(1 - SPEED, 1 + SPEED, count)

    def placed(self, source: Source, index: np.ndarray, shift: np.ndarray, speed: np.ndarray):
        """[index, RATE], each with a peak of about 1; by pieces that fit the processor's cache."""
        out = torch.empty(len(index), RATE)
        for start in range(0, len(index), PIECE):
            now = slice(start, start + PIECE)
            clips = torch.from_numpy(source.clips[index[now]].astype(np.float32))
            clips /= clips.abs().amax(dim=1, keepdim=True).clamp(min=1)
            out[now] = place(clips, torch.from_numpy(shift[now]).float(),
                             torch.from_numpy(speed[now]).float())
        return out

    def whole(self, source: Source, index: np.ndarray) -> torch.Tensor:
        """Words somewhere in the window: near where they were, or anywhere if they fit."""
        count, speed = len(index), self.speeds(len(index))
        first, last = (source.extents[index] / speed[:, None]).T
        near = self.rng.uniform(-0.12, 0.12, count) * RATE + (1 - 1 / speed) * RATE / 2
        room = RATE - (last - first)
        anywhere = self.rng.random(count) * room - first
        choose = (self.rng.random(count) < 0.45) & (room > 0)
        return self.placed(source, index, np.where(choose, anywhere, near), speed)

    def cut(self, source: Source, index: np.ndarray, least: float, most: float) -> torch.Tensor:
        """Words of which only this share stands in the window, at its start or its end."""
        count, speed = len(index), self.speeds(len(index))
        first, last = (source.extents[index] / speed[:, None]).T
        inside = self.rng.uniform(least, most, count) * (last - first)
        at_end = self.rng.random(count) < 0.5
        shift = np.where(at_end, RATE - inside - first, inside - last)
        return self.placed(source, index, shift, speed)

    def pick(self, index: np.ndarray, count: int) -> np.ndarray:
        return self.rng.choice(index, count, replace=count > len(index))

    def neighbour(self, source: Source, count: int) -> torch.Tensor:
        """The end or the beginning of another word, at one edge of the window."""
        words = self.cut(source, self.pick(source.others, count), 0.1, 0.6)
        return words * self.augment.uniform(0.3, 1.0, count)

    def words(self) -> list[tuple[torch.Tensor, np.ndarray, bool]]:
        """Groups of samples, labels, and whether the teacher knows such clips."""
        people, machines = self.people, self.machines
        rare = np.flatnonzero(np.isin(people.labels, [LABELS.index("on"), LABELS.index("off")]))
        every = np.concatenate([np.arange(len(people.clips)), rare])
        groups = [(self.whole(people, every), people.labels[every], True)]

        spoken = np.concatenate([self.pick(machines.keywords, 450),
                                 self.pick(machines.others, 450)])
        groups.append((self.whole(machines, spoken), machines.labels[spoken], False))

        for source, count in (people, 500), (machines, 200):
            index = self.pick(source.keywords, count // 2)
            near = self.neighbour(source, len(index))
            groups.append((self.whole(source, index) + near, source.labels[index], False))

            unknown = np.full(count, UNKNOWN)
            part = self.cut(source, self.pick(source.keywords, count), 0.1, 0.45)
            part[::2] += self.neighbour(source, len(part[::2]))
            groups.append((part, unknown, False))

            pair = self.cut(source, self.pick(source.others, count), 0.4, 0.9) \
                + self.neighbour(source, count)
            groups.append((pair, unknown, False))
        return groups

    def sounds(self) -> list[tuple[torch.Tensor, np.ndarray]]:
        """Samples with soft targets: running text, babble, silence of all kinds."""
        text = np.stack([self.running() for _ in range(500)]) / 32768
        babble = np.stack([at_level(self.rng, normal(self.babble()), -3) for _ in range(150)])
        quiet = np.stack([silence(self.rng, self.recordings) for _ in range(900)])
        sure = np.eye(len(LABELS), dtype=np.float32)
        return [(self.augment(torch.from_numpy(text).float()), sure[np.full(500, UNKNOWN)]),
                (torch.from_numpy(babble).float() / 32768,
                 np.tile((sure[UNKNOWN] + sure[SILENCE]) / 2, (150, 1))),
                (torch.from_numpy(quiet).float() / 32768, sure[np.full(900, SILENCE)])]

    def shard(self) -> dict[str, np.ndarray]:
        cells, targets, taught = [], [], []
        sure = np.eye(len(LABELS), dtype=np.float32)
        for samples, labels, known in self.words():
            for start in range(0, len(samples), CHUNK):
                batch = self.augment(samples[start:start + CHUNK])
                cells.append(features(batch).numpy())
                targets.append(sure[labels[start:start + CHUNK]])
                taught.append(self.teacher(batch) if known else np.zeros_like(targets[-1]))
        for samples, target in self.sounds():
            cells.append(features(samples).numpy())
            targets.append(target)
            taught.append(np.zeros_like(target))
        return {name: np.concatenate(parts).astype(np.float16) for name, parts
                in (("features", cells), ("targets", targets), ("teacher", taught))}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="from data.py and synthesize.py")
    parser.add_argument("--teacher", type=Path, required=True, help="DSCNN_L_fp32.onnx")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    maker = Maker(args.cache, args.teacher, args.seed)
    for number in range(args.shards):
        part = args.out / f"{args.seed}-{number:03d}.part"
        with part.open("wb") as file:
            np.savez(file, **maker.shard())
        os.rename(part, part.with_suffix(".npz"))       # a trainer may be waiting for it


if __name__ == "__main__":
    main()
