"""Everything that is no speech: noise of many kinds, made from a random generator."""

import numpy as np

from frontend import RATE


def coloured(rng, size, slope=None):
    """Noise whose power falls with frequency ** slope: 0 white, 1 pink, 2 brown, -1 blue."""
    slope = rng.uniform(-1, 2.5) if slope is None else slope
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hz = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 15.0)
    return normal(np.fft.irfft(spectrum * hz ** (-slope / 2), size))


def band(rng, size):
    """Noise between two frequencies."""
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hz = np.fft.rfftfreq(size, 1 / RATE)
    centre = 100 * 60 ** rng.random()
    width = centre * rng.uniform(0.05, 1.5)
    spectrum[np.abs(hz - centre) > width / 2] *= 10 ** rng.uniform(-4, -1)
    return normal(np.fft.irfft(spectrum, size))


def seconds(size):
    return np.arange(size) / RATE


def hum(rng, size):
    """Mains hum with harmonics, in a little noise."""
    base = rng.choice([50.0, 60.0, 100.0, 120.0, rng.uniform(30, 300)])
    sound = sum(rng.random() / k * np.sin(2 * np.pi * (k * base * seconds(size) + rng.random()))
                for k in range(1, rng.integers(2, 20)))
    return normal(sound) + coloured(rng, size) * 10 ** rng.uniform(-3, -0.5)


def tones(rng, size):
    """Steady or beeping tones."""
    sound = sum(np.sin(2 * np.pi * (60 * 100 ** rng.random() * seconds(size) + rng.random()))
                for _ in range(rng.integers(1, 5)))
    if rng.random() < 0.6:
        sound = sound * envelope(rng, size)
    return normal(sound) + coloured(rng, size) * 10 ** rng.uniform(-4, -0.5)


def sweep(rng, size):
    """A tone that glides, once or many times, with harmonics."""
    low, high = 80 * 50 ** rng.random(2)
    phase = (seconds(size) * rng.uniform(0.1, 8) + rng.random()) % 1.0
    if rng.random() < 0.5:
        phase = 0.5 - 0.5 * np.cos(2 * np.pi * phase)
    turns = np.cumsum(low * (high / low) ** phase) / RATE
    sound = sum(rng.random() * np.sin(2 * np.pi * k * turns) for k in range(1, rng.integers(2, 6)))
    if rng.random() < 0.4:
        sound = sound * envelope(rng, size)
    return normal(sound) + coloured(rng, size) * 10 ** rng.uniform(-3, -0.5)


def melody(rng, size):
    """Notes with harmonics that fade."""
    sound = np.zeros(size)
    for _ in range(max(1, int(size / RATE * rng.uniform(2, 12)))):
        start = rng.integers(size)
        t = seconds(size - start)
        hz = 110 * 2 ** (rng.integers(36) / 12)
        decay = np.exp(-t * rng.uniform(2, 15))
        sound[start:] += decay * sum(rng.random() / k * np.sin(2 * np.pi * k * hz * t)
                                     for k in range(1, 6))
    return normal(sound) + coloured(rng, size) * 10 ** rng.uniform(-3, -0.5)


def impulses(rng, size):
    """Clicks, knocks and crackle, each ringing for a while."""
    sound = np.zeros(size)
    count = max(1, int(size / RATE * 30 ** rng.uniform(0, 1.5)))
    sound[rng.integers(size, size=count)] = rng.standard_normal(count)
    t = seconds(RATE // 4)
    ring = np.exp(-t * 10 ** rng.uniform(1, 3)) * coloured(rng, len(t))
    if rng.random() < 0.5:
        ring = ring * np.sin(2 * np.pi * 80 * 50 ** rng.random() * t)
    spectrum = np.fft.rfft(sound, size + len(ring)) * np.fft.rfft(ring, size + len(ring))
    sound = np.fft.irfft(spectrum, size + len(ring))[:size]
    return normal(sound) + coloured(rng, size) * 10 ** rng.uniform(-4, -0.7)


def envelope(rng, size):
    """Something between 0 and 1 that comes and goes, smoothly or in steps."""
    knots = rng.random(max(3, int(size / RATE * rng.uniform(2, 16))))
    at = np.linspace(0, len(knots) - 1.001, size)
    if rng.random() < 0.4:
        return (knots > 0.5)[at.astype(int)].astype(float)
    return np.interp(at, np.arange(len(knots)), knots) ** 2


def gusts(rng, size):
    """Noise that swells and ebbs, like wind, steps, breath or surf."""
    return normal((coloured if rng.random() < 0.6 else band)(rng, size) * envelope(rng, size)) \
        + coloured(rng, size) * 10 ** rng.uniform(-3, -0.5)


def nothing(rng, size):
    """Digital silence, the last bits of a converter, or an offset: no loudness to speak of."""
    kind = rng.integers(4)
    if kind == 0:
        return np.zeros(size)
    if kind == 1:
        return np.full(size, rng.uniform(-1, 1))
    bits = rng.standard_normal(size) * 10 ** rng.uniform(-0.8, 0.5)
    return np.round(bits + rng.integers(-3, 4) * (kind == 3)) / 32768


KINDS = [coloured, coloured, band, hum, tones, sweep, melody, impulses, gusts, gusts, nothing]


def normal(sound):
    """With a root mean square of 1."""
    return sound / max(np.sqrt(np.mean(sound ** 2)), 1e-9)


def at_level(rng, sound, lowest=-5.0):
    """At any loudness from far below one bit to hard clipping, as a 16 bit converter gives it."""
    sound = sound * 10 ** rng.uniform(lowest, 0.3)
    return np.round(np.clip(sound, -1, 32767 / 32768) * 32768).astype(np.int16)


def synthetic(rng, size) -> np.ndarray:
    """A sound of some kind with a root mean square of about 1 (or next to nothing)."""
    return KINDS[rng.integers(len(KINDS))](rng, size)


def recorded(rng, recordings, size) -> np.ndarray:
    recording = recordings[rng.integers(len(recordings))]
    start = rng.integers(len(recording) - size + 1)
    return normal(recording[start:start + size] / 32768)


def silence(rng, recordings, size=RATE) -> np.ndarray:
    """A clip of the class silence."""
    sound = recorded(rng, recordings, size) if rng.random() < 0.4 else synthetic(rng, size)
    if np.max(np.abs(sound)) < 0.001 or rng.random() < 0.02:     # kept at its own level
        return np.round(np.clip(sound, -1, 32767 / 32768) * 32768).astype(np.int16)
    return at_level(rng, sound)
