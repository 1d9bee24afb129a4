"""Words and running text spoken by espeak-ng and flite: DIR/words.npz and DIR/text.npz."""

import argparse
import io
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from frontend import RATE
from labels import KEYWORDS, LABELS, UNKNOWN

HERE = Path(__file__).parent
ACCENTS = ["en", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd",
           "en-029", "en-us-nyc"]
VARIANTS = ["", "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8",
            "Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Gene", "Hugo", "Jacky", "Lee",
            "Mario", "Michael", "Mike", "Storm", "adam", "anika", "antonio", "belinda", "benjamin",
            "boris", "caleb", "david", "ed", "edward", "gustave", "iven", "john", "klatt2",
            "linda", "max", "michel", "miguel", "paul", "pablo", "quincy", "rob", "robert",
            "shelby", "steph", "travis", "victor", "zac"]
FLITE = ["kal16", "awb", "slt"]     # rms is left out: the quickstart's recording has that voice


def speak(command: list[str], text: str) -> np.ndarray:
    """Samples in -1..1 at RATE."""
    wav = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout
    size = len(wav) - 44                    # espeak-ng cannot seek back to write the sizes
    wav = wav[:4] + (size + 36).to_bytes(4, "little") + wav[8:40] + size.to_bytes(4, "little") \
        + wav[44:]
    samples, rate = soundfile.read(io.BytesIO(wav), dtype="float32")
    return resample_poly(samples, RATE // 50, rate // 50).astype(np.float32)


def espeak(text: str, voice: str, speed: int, pitch: int) -> np.ndarray:
    return speak(["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout"], text)


def flite(text: str, voice: str, stretch: float, pitch_hz: float) -> np.ndarray:
    return speak(["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.2f}",
                  "--setf", f"int_f0_target_mean={pitch_hz:.0f}",
                  "-o", "/dev/stdout", "-t", text], "")


def anyone(text: str, rng: random.Random) -> np.ndarray:
    """The text by some voice at some speed and pitch."""
    if rng.random() < 0.3:
        voice = rng.choice(FLITE)
        mean = 180 if voice == "slt" else 115
        return flite(text, voice, rng.uniform(0.8, 1.4), mean * rng.uniform(0.8, 1.25))
    variant = rng.choice(VARIANTS)
    voice = rng.choice(ACCENTS) + (f"+{variant}" if variant else "")
    return espeak(text, voice, rng.randrange(110, 220), rng.randrange(20, 80))


def trim(samples: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return samples[loud[0]:loud[-1] + 1]


def to_int16(samples: np.ndarray) -> np.ndarray:
    return np.round(samples * (26000 / np.abs(samples).max())).astype(np.int16)


def one_second(samples: np.ndarray) -> np.ndarray:
    """The word in the middle of a second."""
    word = to_int16(trim(samples))[:RATE]
    before = (RATE - len(word)) // 2
    return np.pad(word, (before, RATE - len(word) - before))


def random_text(words: list[str], sentences: list[str], rng: random.Random) -> str:
    if rng.random() < 0.5:
        return " ".join(rng.sample(sentences, 3))
    return " ".join(rng.choice(words) + rng.choice(["", "", "", ","]) for _ in range(24)) + "."


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=400, help="clips of a keyword")
    parser.add_argument("--texts", type=int, default=700, help="texts of about 10 s")
    args = parser.parse_args()

    words = sorted(set((HERE / "words.txt").read_text().split()))
    sentences = (HERE / "sentences.txt").read_text().splitlines()
    jobs = [(word, LABELS.index(word)) for word in KEYWORDS for _ in range(args.each)]
    jobs += [(word, UNKNOWN) for word in words for _ in range(5)]

    def word_clip(job):
        number, (word, _) = job
        return one_second(anyone(word, random.Random(number)))

    def text_clip(number):
        rng = random.Random(10**6 + number)
        return to_int16(anyone(random_text(words, sentences, rng), rng))

    args.out.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        clips = list(pool.map(word_clip, enumerate(jobs)))
        texts = list(pool.map(text_clip, range(args.texts)))
    np.savez(args.out / "words.npz", clips=np.stack(clips), labels=np.array([y for _, y in jobs]))
    np.savez(args.out / "text.npz", stream=np.concatenate(texts))


if __name__ == "__main__":
    main()
