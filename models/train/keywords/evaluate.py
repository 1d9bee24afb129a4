"""Measures a model: accuracy by class, keywords found, false alarms; as YAML for its card."""

import argparse
import dataclasses
import shlex
from pathlib import Path

import numpy as np
import yaml

import sounds
from decide import SHIPPED, decisions
from labels import LABELS
from score import Edged, LiteRT

THRESHOLDS = [0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95]


def percent(value: float) -> float:
    return round(100 * float(value), 1)


def accuracy(score, clips: np.ndarray, labels: np.ndarray) -> dict:
    best = np.array([scores[0].argmax() for scores in score(list(clips))])
    classes = {name: percent((best[labels == number] == number).mean())
               for number, name in enumerate(LABELS)}
    return {"clips": len(labels), "percent": percent((best == labels).mean()),
            "by_class": classes}


def found(scores: list[np.ndarray], labels: list[int], settings) -> dict:
    """Keywords decided as what they are, as another, or not at all."""
    right = wrong = 0
    for stream, label in zip(scores, labels):
        heard = {said for _, said in decisions(stream, settings)}
        right += label in heard
        wrong += bool(heard - {label})
    return {"found": percent(right / len(labels)), "wrong": percent(wrong / len(labels))}


def alarms_an_hour(scores: list[np.ndarray], settings) -> float:
    seconds = sum(len(stream) for stream in scores) * 0.25
    return round(3600 / seconds * sum(len(decisions(stream, settings)) for stream in scores), 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a .tflite file")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--edged", help="command up to the files, e.g. 'edged --once'; else LiteRT")
    parser.add_argument("--split", default="testing")
    parser.add_argument("--only-clips", action="store_true", help="no streams")
    parser.add_argument("--fast", action="store_true", help="LiteRT's fast kernels for the streams")
    parser.add_argument("--minutes", type=int, default=60, help="of each kind of stream")
    parser.add_argument("--out", type=Path, help="YAML file; else printed")
    args = parser.parse_args()

    if args.edged:
        score = stream_score = Edged(shlex.split(args.edged))
        means = "edged --once"
    else:
        score = LiteRT(args.model, reference=True)
        stream_score = LiteRT(args.model, reference=not args.fast)
        means = "frontend.py and LiteRT's reference kernels"
        means += "; the streams with its fast ones" if args.fast else ""

    report = {"measured_with": means,
              args.split: accuracy(score, *sounds.clips(args.cache, args.split))}
    if not args.only_clips:
        streams, labels = sounds.keyword_streams(args.cache, args.split)
        keywords = stream_score(streams)
        noise = stream_score(sounds.noise_streams(args.cache, args.split, args.minutes))
        words = stream_score(sounds.word_streams(args.cache, args.split, args.minutes))
        text = stream_score(sounds.text_streams(args.cache, args.split, args.minutes))

        def point(settings):
            return {"threshold": settings.threshold, "shipped": settings == SHIPPED,
                    **found(keywords, labels, settings),
                    "alarms_an_hour": {"noise": alarms_an_hour(noise, settings),
                                       "other_words": alarms_an_hour(words, settings),
                                       "synthetic_text": alarms_an_hour(text, settings)}}

        report["streams"] = {
            "minutes": {"keywords": round(len(streams) * 4 / 60), "noise": args.minutes,
                        "other_words": args.minutes, "synthetic_text": args.minutes},
            "curve": [point(dataclasses.replace(SHIPPED, threshold=threshold))
                      for threshold in THRESHOLDS]}
    written = yaml.safe_dump(report, sort_keys=False, default_flow_style=None, width=98)
    if args.out:
        args.out.write_text(written)
    else:
        print(written)


if __name__ == "__main__":
    main()
