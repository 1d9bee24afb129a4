"""What a clip goes through before the front end: place in time, room, noise, level."""

import numpy as np
import torch

from frontend import RATE

LONG = 2 * RATE             # length of the FFT in which rooms and equalisers are applied


def extents(clips: np.ndarray) -> np.ndarray:
    """[clips, 2]: first and last sample of the word in each clip, by its energy."""
    step = RATE // 100
    energy = (clips.astype(np.float32) ** 2).reshape(len(clips), -1, step).mean(axis=2)
    energy = np.maximum(energy - 1.5 * np.median(energy, axis=1, keepdims=True), 0) + 1e-9
    share = np.cumsum(energy, axis=1) / energy.sum(axis=1, keepdims=True)
    first = (share > 0.02).argmax(axis=1)
    last = (share > 0.98).argmax(axis=1) + 1
    return np.stack([np.maximum(first - 4, 0), np.minimum(last + 6, RATE // step)], axis=1) * step


def place(clips: torch.Tensor, shift: torch.Tensor, speed: torch.Tensor) -> torch.Tensor:
    """Each clip played at `speed`, `shift` samples later; what is not there is zero."""
    at = (torch.arange(RATE) - shift[:, None]) * speed[:, None]
    below = at.floor()
    part = at - below
    index = below.long().clamp(-1, RATE) + 1
    padded = torch.nn.functional.pad(clips, (1, 2))
    return torch.gather(padded, 1, index) * (1 - part) + torch.gather(padded, 1, index + 1) * part


def rooms(count: int, rng: np.random.Generator) -> torch.Tensor:
    """Spectra of impulse responses: a direct sound, then noise that dies away."""
    t = np.arange(RATE // 2) / RATE
    decay = np.exp(-6.9 * t / rng.uniform(0.08, 0.7, (count, 1)))
    tail = rng.standard_normal((count, len(t))) * decay
    tail[:, :int(0.002 * RATE)] = 0
    loud = 10 ** rng.uniform(-1.2, 0.0, (count, 1))
    tail *= loud / np.sqrt((tail ** 2).sum(axis=1, keepdims=True))
    tail[:, 0] = 1
    return torch.fft.rfft(torch.from_numpy(tail.astype(np.float32)), LONG)


def equalisers(count: int, rng: np.random.Generator) -> torch.Tensor:
    """Gains by frequency: smooth bends of some dB, at times with band limits."""
    bins = LONG // 2 + 1
    octave = np.log2(np.maximum(np.arange(bins) * RATE / LONG, 30.0) / 30.0)
    knots = np.linspace(0, octave[-1], 8)
    curves = []
    for _ in range(count):
        decibel = np.interp(octave, knots, rng.standard_normal(8) * 4)
        if rng.random() < 0.25:
            decibel = decibel - 12 * np.maximum(np.log2(rng.uniform(100, 400) / 30) - octave, 0)
        if rng.random() < 0.25:
            decibel = decibel - 24 * np.maximum(octave - np.log2(rng.uniform(2500, 7000) / 30), 0)
        curves.append(10 ** (decibel / 20))
    return torch.from_numpy(np.array(curves, dtype=np.float32))


class Augment:
    """Holds rooms, equalisers and noise; changes batches of samples in -1..1."""

    def __init__(self, noise: torch.Tensor, rng: np.random.Generator):
        self.noise, self.rng = noise, rng
        self.rooms, self.equalisers = rooms(200, rng), equalisers(200, rng)

    def pick(self, bank: torch.Tensor, count: int) -> torch.Tensor:
        return bank[torch.from_numpy(self.rng.integers(len(bank), size=count))]

    def uniform(self, low: float, high: float, count: int) -> torch.Tensor:
        return torch.from_numpy(self.rng.uniform(low, high, (count, 1)).astype(np.float32))

    def filter(self, samples: torch.Tensor) -> torch.Tensor:
        spectrum = torch.fft.rfft(samples, LONG) * self.pick(self.equalisers, len(samples))
        wet = torch.from_numpy(np.flatnonzero(self.rng.random(len(samples)) < 0.5))
        spectrum[wet] *= self.pick(self.rooms, len(wet))
        return torch.fft.irfft(spectrum, LONG)[:, :RATE]

    def __call__(self, samples: torch.Tensor) -> torch.Tensor:
        samples = samples.clone()
        count = len(samples)
        some = torch.from_numpy(np.flatnonzero(self.rng.random(count) < 0.6))
        samples[some] = self.filter(samples[some])
        samples = samples / samples.abs().amax(dim=1, keepdim=True).clamp(min=1e-6)

        noise = self.pick(self.noise, count)
        loud = samples.square().mean(dim=1, keepdim=True).sqrt()
        decibel = torch.where(self.uniform(0, 1, count) < 0.6, self.uniform(25, 60, count),
                              self.uniform(-2, 25, count))
        samples = samples + noise * loud * 10 ** (-decibel / 20)

        peak = samples.abs().amax(dim=1, keepdim=True).clamp(min=1e-6)
        level = 10 ** torch.where(self.uniform(0, 1, count) < 0.1, self.uniform(0, 0.5, count),
                                  self.uniform(-2.2, 0, count))
        samples = (samples / peak * level).clamp(-1, 32767 / 32768)
        return torch.round(samples * 32768) / 32768
