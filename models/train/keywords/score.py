"""Scores of streams, window by window: by LiteRT behind frontend.py, or by edged itself."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import torch
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from decide import HOP
from frontend import RATE, features
from labels import LABELS

STEP = int(HOP * RATE)
torch.set_num_threads(1)


class LiteRT:
    """The model file on LiteRT; with its reference kernels, which define edged's int8 results."""

    def __init__(self, model: Path, reference: bool):
        kind = OpResolverType.BUILTIN_REF if reference else OpResolverType.AUTO
        self.interpreter = Interpreter(str(model), experimental_op_resolver_type=kind)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]

    def window(self, cells: np.ndarray) -> np.ndarray:
        if self.input["dtype"] == np.int8:
            scale, zero = self.input["quantization"]
            cells = np.clip(np.round(cells / np.float32(scale)) + zero, -128, 127).astype(np.int8)
        self.interpreter.set_tensor(self.input["index"], cells.reshape(self.input["shape"]))
        self.interpreter.invoke()
        scores = self.interpreter.get_tensor(self.output["index"])[0]
        if self.output["dtype"] == np.int8:
            scale, zero = self.output["quantization"]
            scores = (scores.astype(np.float32) - zero) * scale
        return scores

    def __call__(self, streams: list[np.ndarray]) -> list[np.ndarray]:
        """int16 streams to [windows, labels] each."""
        result = []
        for stream in streams:
            windows = torch.from_numpy(stream.astype(np.float32) / 32768).unfold(0, RATE, STEP)
            cells = torch.cat([features(part) for part in windows.split(64)]).numpy()
            result.append(np.stack([self.window(cell) for cell in cells]))
        return result


class Edged:
    """The command `edged --once FILE... --json --trace`, with whatever stands before it."""

    def __init__(self, command: list[str]):
        self.command = command

    def __call__(self, streams: list[np.ndarray]) -> list[np.ndarray]:
        with tempfile.TemporaryDirectory() as folder:
            files = [str(Path(folder) / f"{number:06d}.wav") for number in range(len(streams))]
            for file, stream in zip(files, streams):
                soundfile.write(file, stream, RATE, subtype="PCM_16")
            scores = {file: [] for file in files}
            for start in range(0, len(files), 100):
                for window in self.windows(files[start:start + 100]):
                    scores[window["file"]].append([window["raw"][label] for label in LABELS])
        return [np.array(scores[file], dtype=np.float32) for file in files]

    def windows(self, files: list[str]):
        """The JSON objects of the windows; lines without scores are something else."""
        command = [*self.command, *files, "--json", "--trace"]
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        lines = (json.loads(line) for line in output.splitlines())
        return [line for line in lines if "scores" in line]
