"""The front end of the card keywords.yaml, on batches of one-second clips."""

import numpy as np
import torch

RATE = 16000
FRAME, STEP, FFT = 480, 320, 512
FRAMES = (RATE - FRAME) // STEP + 1
BANDS, LOW_HZ, HIGH_HZ = 40, 20.0, 7600.0
TINY = 1e-12                # guards the division: digital silence gives all zeros
LOG_ADD = 1e-3              # relative to the mean of the window
SHIFT, FACTOR = 6.9077554, 0.2      # SHIFT = -ln(LOG_ADD): nothing at all becomes 0
CLIP = (0.0, 2.5)


def mel_matrix(bins: int, bands: int, low_hz: float, high_hz: float, rate: int) -> np.ndarray:
    """[bins, bands] triangles, linear in HTK mel, unnormalised; the constant bin has no weight."""
    def mel(hz):
        return 1127.0 * np.log1p(np.asarray(hz) / 700.0)

    edges = np.linspace(mel(low_hz), mel(high_hz), bands + 2)
    at = mel(np.arange(bins) * rate / 2 / (bins - 1))[:, None]
    rise = (at - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - at) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0.0, np.minimum(rise, fall))
    weights[0] = 0.0
    return weights.astype(np.float32)


WINDOW = torch.hann_window(FRAME, periodic=True)
MEL = torch.from_numpy(mel_matrix(FFT // 2 + 1, BANDS, LOW_HZ, HIGH_HZ, RATE))


def features(samples: torch.Tensor) -> torch.Tensor:
    """[clips, 16000] in -1..1 to [clips, FRAMES, BANDS]; no level of a recording is left in it."""
    frames = samples.unfold(-1, FRAME, STEP) * WINDOW
    spectrum = torch.fft.rfft(frames, FFT)
    power = spectrum.real.square() + spectrum.imag.square()
    mel = power @ MEL
    mel = mel / (mel.mean(dim=(-2, -1), keepdim=True) + TINY)
    return ((torch.log(mel + LOG_ADD) + SHIFT) * FACTOR).clamp(*CLIP)
