#!/usr/bin/env python3
"""Writes vectors.txt: what other programs make of small pictures. Needs Pillow, numpy, opencv-python-headless.
Pillow 13 goes down the columns first where a picture becomes wider and shorter; all before it, with which models were
trained, along the rows:

    python3 -m venv venv && venv/bin/pip install pillow==11.3.0 numpy opencv-python-headless
    venv/bin/python make_vectors.py >vectors.txt

Lines (numbers in hexadecimal; floats as little-endian float32):
    source CHANNELS WIDTH HEIGHT BYTES                          the picture that the next lines resize
    bytes METHOD WIDTH HEIGHT BYTES                             exactly these
    floats METHOD TOLERANCE WIDTH HEIGHT FLOATS                 these, within the tolerance
    grey BYTES                                                  the source as grey
    decode NAME CHANNELS WIDTH HEIGHT FILE BYTES                a file and its pixels
"""
import io
import struct
import zlib

import cv2
import numpy as np
from PIL import Image

SIZES = [(5, 4), (21, 17), (9, 17), (13, 11), (1, 1), (40, 3)]
PILLOW = {"nearest": Image.NEAREST, "pillow-box": Image.BOX, "pillow-bilinear": Image.BILINEAR,
          "pillow-bicubic": Image.BICUBIC, "pillow-lanczos": Image.LANCZOS}
OPENCV = {"bilinear": cv2.INTER_LINEAR, "bicubic-opencv": cv2.INTER_CUBIC}


def line(*words):
    print(*[w.hex() if isinstance(w, bytes) else w for w in words])


def sample(channels):
    """Noise on waves: edges, flat parts, 0 and 255."""
    y, x, c = np.mgrid[0:11, 0:13, 0:channels]
    noise = np.random.default_rng(48).integers(-90, 90, size=x.shape)
    return np.clip(128 + 120 * np.sin(x / 2 + c) * np.cos(y / 3) + noise, 0, 255).astype(np.uint8)


def direct(p, width, height, place, kernel, reach, inside_only):
    """Point by point in two dimensions, as the definitions say it."""
    h, w = p.shape
    out = np.zeros((height, width), np.float32)
    for oy in range(height):
        for ox in range(width):
            y, x = place(oy, h, height), place(ox, w, width)
            total = weights = 0.0
            for iy in range(int(np.floor(y)) - reach + 1, int(np.floor(y)) + reach + 1):
                for ix in range(int(np.floor(x)) - reach + 1, int(np.floor(x)) + reach + 1):
                    if inside_only and not (0 <= iy < h and 0 <= ix < w):
                        continue
                    k = kernel(y - iy) * kernel(x - ix)
                    total += k * p[min(max(iy, 0), h - 1), min(max(ix, 0), w - 1)]
                    weights += k
            out[oy, ox] = total / weights
    return out


def triangle(d):
    return max(0.0, 1 - abs(d))


def keys(d, a=-0.5):
    d = abs(d)
    if d <= 1:
        return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1
    return a * (d ** 3 - 5 * d ** 2 + 8 * d - 4) if d < 2 else 0.0


def area(p, width, height):
    h, w = p.shape
    fine = np.repeat(np.repeat(p.astype(np.float64), height, 0), width, 1)
    return fine.reshape(height, h, width, w).mean(axis=(1, 3)).astype(np.float32)


PLACES = {"bilinear-align": lambda o, n, m: o * (n - 1) / (m - 1) if m > 1 else 0.0,
          "bilinear-legacy": lambda o, n, m: o * n / m}


def resizing():
    rgb, grey = sample(3), sample(1)[:, :, 0]
    line("source", 3, 13, 11, rgb.tobytes())
    line("grey", Image.fromarray(rgb).convert("L").tobytes())
    for w, h in SIZES:
        for name, method in PILLOW.items():
            line("bytes", name, w, h, Image.fromarray(rgb).resize((w, h), method).tobytes())
    line("source", 1, 13, 11, grey.tobytes())
    for w, h in SIZES:
        for name, method in OPENCV.items():
            line("floats", name, "0.01", w, h,
                 cv2.resize(grey.astype(np.float32), (w, h), interpolation=method).tobytes())
        for name, place in PLACES.items():
            line("floats", name, "0.0001", w, h, direct(grey, w, h, place, triangle, 1, False).tobytes())
        half = lambda o, n, m: (o + 0.5) * n / m - 0.5
        line("floats", "bicubic", "0.0001", w, h, direct(grey, w, h, half, keys, 2, True).tobytes())
        line("floats", "area", "0.0001", w, h, area(grey, w, h).tobytes())
    line("floats", "area", "0.01", 5, 4,
         cv2.resize(grey.astype(np.float32), (5, 4), interpolation=cv2.INTER_AREA).tobytes())


def decoded(name, data, mode=None):
    picture = Image.open(io.BytesIO(data))
    if mode is None:
        mode = "L" if picture.mode in ("L", "1") else "RGB"
    pixels = picture.convert(mode)
    line("decode", name, len(mode), pixels.width, pixels.height, data, pixels.tobytes())


def saved(picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, bits, colour, interlaced, rows, extra=b""):
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def interlaced(pixels):
    """Adam7: the passes, each row with filter 0."""
    rows = b""
    for y, x, down, right in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
                              (1, 0, 2, 1)):
        part = pixels[y::down, x::right]
        rows += b"".join(b"\0" + row.tobytes() for row in part if part.size)
    return png(pixels.shape[1], pixels.shape[0], 8, 2, 1, rows)


def decoding():
    rgb, grey = Image.fromarray(sample(3)), Image.fromarray(sample(1)[:, :, 0])
    for name, options in {"420": {"subsampling": 2}, "422": {"subsampling": 1}, "444": {"subsampling": 0},
                          "progressive": {"progressive": True}, "optimized": {"optimize": True}}.items():
        decoded(f"{name}.jpg", saved(rgb, "JPEG", quality=85, **options))
    decoded("grey.jpg", saved(grey, "JPEG", quality=90))
    decoded("rgb.png", saved(rgb, "PNG"))
    decoded("grey.png", saved(grey, "PNG"))
    decoded("palette.png", saved(rgb.quantize(16), "PNG"))
    decoded("palette-transparent.png", saved(rgb.quantize(16), "PNG", transparency=3))
    decoded("bits.png", saved(grey.convert("1"), "PNG"))
    alpha = rgb.copy()
    alpha.putalpha(grey)
    decoded("alpha.png", saved(alpha, "PNG"))
    decoded("interlaced.png", interlaced(sample(3)))
    deep = sample(3).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in deep)
    line("decode", "deep.png", 3, 13, 11, png(13, 11, 16, 2, 0, rows), sample(3).tobytes())
    gamma = chunk(b"gAMA", struct.pack(">I", 45455))
    rows = b"".join(b"\0" + row.tobytes() for row in sample(3))
    decoded("gamma.png", png(13, 11, 8, 2, 0, rows, gamma))
    decoded("rgb.bmp", saved(rgb, "BMP"))
    decoded("grey.bmp", saved(grey, "BMP"))
    decoded("palette.bmp", saved(rgb.quantize(16), "BMP"))
    decoded("alpha.bmp", saved(alpha, "BMP"), "RGB")
    bottom = saved(rgb, "BMP")
    rows = [bottom[54 + 40 * y:94 + 40 * y] for y in range(11)]
    line("decode", "top-down.bmp", 3, 13, 11, bottom[:22] + struct.pack("<i", -11) + bottom[26:54] +
         b"".join(reversed(rows)), sample(3).tobytes())
    decoded("rgb.ppm", saved(rgb, "PPM"))
    decoded("grey.pgm", saved(grey, "PPM"))
    line("decode", "comment.pgm", 1, 13, 11, b"P5 # a comment\n13\t11 # another\n255\n" + grey.tobytes(), grey.tobytes())
    line("decode", "deep.pgm", 1, 13, 11, b"P5 13 11 65535\n" + (sample(1).astype(">u2") * 257).tobytes(), grey.tobytes())


resizing()
decoding()
