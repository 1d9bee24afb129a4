"""From a stream's scores to decisions, as edged's stages smooth and decide make them."""

from dataclasses import dataclass

import numpy as np

from labels import UNKNOWN

HOP = 0.25                  # seconds


@dataclass(frozen=True)
class Settings:
    over: float = 0.5      # seconds of which the mean is taken
    threshold: float = 0.9
    margin: float = 0.2
    at_least: int = 2
    hold: float = 1.0


SHIPPED = Settings()


def decisions(scores: np.ndarray, settings: Settings) -> list[tuple[float, int]]:
    """[windows, labels] to the (time, label) of each new decision."""
    windows = round(settings.over / HOP)
    found, candidate, agreeing, active, until = [], -1, 0, -1, 0.0
    for number in range(len(scores)):
        now = number * HOP
        mean = scores[max(0, number + 1 - windows):number + 1].mean(axis=0)
        second, best = np.argsort(mean, kind="stable")[-2:]
        confirmed = False
        if best < UNKNOWN and mean[best] >= settings.threshold \
                and mean[best] - mean[second] >= settings.margin:
            agreeing = agreeing + 1 if candidate == best else 1
            candidate = best
            if agreeing >= settings.at_least:
                confirmed = True
                if active != best:
                    found.append((now, int(best)))
                active, until = best, now + settings.hold
        else:
            candidate, agreeing = -1, 0
        if active >= 0 and not confirmed and now >= until:
            active = -1
    return found
