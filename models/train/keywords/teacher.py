"""A foreign network as teacher: ARM's DSCNN_L as ONNX, on MLPerf Tiny's MFCC."""

import math
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from frontend import RATE, mel_matrix
from labels import KEYWORDS, LABELS

FRAME, STEP, FFT, BANDS, COEFFICIENTS = 480, 320, 512, 40, 10
ORDER = ["silence", "unknown", *KEYWORDS]
WINDOW = torch.hann_window(FRAME, periodic=True)
MEL = torch.from_numpy(mel_matrix(FFT // 2 + 1, BANDS, 20.0, 4000.0, RATE))
DCT = torch.cos(math.pi / BANDS * (torch.arange(BANDS)[:, None] + 0.5)
                * torch.arange(COEFFICIENTS)) * (2 / math.sqrt(2 * BANDS))


def mfcc(samples: torch.Tensor) -> torch.Tensor:
    samples = samples / samples.amax(dim=-1, keepdim=True).clamp(min=1e-5)
    frames = samples.unfold(-1, FRAME, STEP) * WINDOW
    return torch.log(torch.fft.rfft(frames, FFT).abs() @ MEL + 1e-6) @ DCT


class Teacher:
    def __init__(self, path: Path, threads: int = 1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options)
        self.input = self.session.get_inputs()[0].name
        self.columns = [ORDER.index(label) for label in LABELS]

    def __call__(self, samples: torch.Tensor) -> np.ndarray:
        """[clips, labels] probabilities."""
        cells = mfcc(samples)[..., None].numpy()
        return np.concatenate([self.session.run(None, {self.input: cell[None]})[0]
                               for cell in cells])[:, self.columns]
