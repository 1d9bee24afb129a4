"""Trains the network on the shards, as they come; keeps the average of its weights."""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import log_softmax
from torch.optim.swa_utils import AveragedModel

from frontend import features
from labels import LABELS, SILENCE
from network import Network
from noise import silence

SMOOTHING = 0.02
TAUGHT, TEMPERATURE = 0.7, 2.0      # share of the teacher in the loss, softness of its answers
MIXUP = 0.2                         # share of batches
WARM_UP = 2                         # epochs
NEWEST = 0.002                      # share of a step's weights in the average


class Shards:
    """Loads the shard used least so far, and waits for the first."""

    def __init__(self, folder: Path, seed: int):
        self.folder, self.used = folder, {}
        self.rng = np.random.default_rng(seed)

    def next(self) -> list[torch.Tensor]:
        while not (paths := sorted(self.folder.glob("*.npz"))):
            time.sleep(1)
        fewest = min(self.used.get(path, 0) for path in paths)
        path = self.rng.choice([path for path in paths if self.used.get(path, 0) == fewest])
        self.used[path] = fewest + 1
        data = np.load(path)
        order = torch.from_numpy(self.rng.permutation(len(data["targets"])))
        return [torch.from_numpy(data[name])[order] for name in ("features", "targets", "teacher")]


def validation_set(cache: Path) -> tuple[torch.Tensor, np.ndarray]:
    """Features and labels of the validation clips, with a tenth of silence."""
    data = np.load(cache / "validation.npz")
    rng = np.random.default_rng(99)
    recordings = list(np.load(cache / "noise_training.npz").values())
    quiet = np.stack([silence(rng, recordings) for _ in range(len(data["clips"]) // 9)])
    clips = torch.from_numpy(np.concatenate([data["clips"], quiet]).astype(np.float32) / 32768)
    labels = np.concatenate([data["labels"], np.full(len(quiet), SILENCE)])
    return torch.cat([features(part) for part in clips.split(256)]), labels


@torch.no_grad()
def validate(network: torch.nn.Module, cells: torch.Tensor, labels: np.ndarray) -> dict[str, float]:
    network.eval()
    best = torch.cat([network(part) for part in cells.split(256)]).argmax(dim=1).numpy()
    network.train()
    by_class = [(best[labels == label] == label).mean() for label in range(len(LABELS))]
    return {"accuracy": float((best == labels).mean()), "balanced": float(np.mean(by_class))}


def mask(cells: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Hides a stretch of time and some bands of every clip."""
    count, frames, bands = cells.shape

    def stretch(size, longest):
        start = torch.from_numpy(rng.integers(size, size=(count, 1)))
        length = torch.from_numpy(rng.integers(longest + 1, size=(count, 1)))
        at = torch.arange(size)
        return (at < start) | (at >= start + length)

    return cells * stretch(frames, 6)[:, :, None] * stretch(bands, 5)[:, None, :]


def mix(tensors: list[torch.Tensor], rng: np.random.Generator) -> list[torch.Tensor]:
    part = float(rng.beta(0.4, 0.4))
    return [part * t + (1 - part) * t.flip(0) for t in tensors]


def loss_of(logits, targets, teacher):
    """Cross entropy with the labels and, where the teacher agrees with them, with its answers."""
    targets = targets * (1 - SMOOTHING) + SMOOTHING / len(LABELS)
    labels = -(targets * log_softmax(logits, dim=1)).sum(dim=1)

    soft = teacher ** (1 / TEMPERATURE)
    weight = teacher.sum(dim=1)
    soft = soft / soft.sum(dim=1, keepdim=True).clamp(min=1e-6)
    answers = -(soft * log_softmax(logits / TEMPERATURE, dim=1)).sum(dim=1) * TEMPERATURE ** 2
    return ((1 - TAUGHT * weight) * labels + TAUGHT * weight * answers).mean()


def averaged(average, new, steps):
    """A plain mean at first, then one that forgets."""
    return average + (new - average) * max(NEWEST, 1 / (float(steps) / 4 + 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the weights, a .pt file")
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=1e9, help="end by then, however far it is")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    shards, validation = Shards(args.shards, args.seed), validation_set(args.cache)
    network = Network().to(memory_format=torch.channels_last)
    average = AveragedModel(network, avg_fn=averaged, use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), lr=args.rate, weight_decay=0.02)

    began, done, best, epoch = time.time(), 0.0, 0.0, 0
    while done < 1:
        started, total, steps = time.time(), 0.0, 0
        cells, targets, teacher = shards.next()
        right = teacher.argmax(dim=1) == targets.argmax(dim=1)
        teacher = teacher * right[:, None]
        batches = list(zip(*(t.split(args.batch) for t in (cells, targets, teacher))))
        for number, batch in enumerate(batches):
            epochs = epoch + number / len(batches)
            done = min(max(epochs / args.epochs, (time.time() - began) / (60 * args.minutes)), 1)
            rate = min(epochs / WARM_UP, 0.5 + 0.5 * math.cos(math.pi * done))
            optimizer.param_groups[0]["lr"] = args.rate * max(rate, 1e-4)
            x, y, z = (t.float() for t in batch)
            x = mask(x, rng)
            if rng.random() < MIXUP:
                x, y, z = mix([x, y, z], rng)
            loss = loss_of(network(x), y, z)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average.update_parameters(network)
            total, steps = total + loss.item(), steps + 1

        result = validate(average.module, *validation)
        line = {"epoch": epoch, "seconds": time.time() - started, "loss": total / steps} | result
        print(json.dumps({name: round(value, 4) for name, value in line.items()}), flush=True)
        score = result["accuracy"] + result["balanced"]
        if score >= best and done > 0.5:
            best = score
            torch.save(average.module.state_dict(), args.out)
        epoch += 1
        done = max(done, epoch / args.epochs)
    torch.save(average.module.state_dict(), args.out.with_suffix(".last.pt"))


if __name__ == "__main__":
    main()
