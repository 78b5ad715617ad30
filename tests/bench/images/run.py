"""Photographs of 12 and 48 megapixels to three sizes, by us and by sharp, each in a process of its own.

Arguments: our program, and a folder where photographs, sharp and results may stay between runs.
"""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

from photograph import photograph
from similarity import decibels

HERE = Path(__file__).parent
OURS, FOLDER = sys.argv[1], Path(sys.argv[2])
PHOTOGRAPHS = {"12 megapixels": (4000, 3000), "48 megapixels": (8000, 6000)}
SIZES = {"large": (1200, 900), "medium": (800, 600), "thumbnail": (300, 225)}
SHARP = "sharp@0.35"
ALONE, STREAM = 10, 24
CORES = os.cpu_count() or 1
REFERENCES = {"sharp, once per size": "per-size", "sharp, decoded once": "once"}


def photographs():
    """Written once by Pillow; ten seconds for each dozen megapixels."""
    for name, size in PHOTOGRAPHS.items():
        file = FOLDER / f"{name}.jpg"
        if not file.exists():
            photograph(*size, seed=size[0]).save(file, quality=90)
        yield name, file


def run(command, file, count, lanes):
    """Processor and wall milliseconds for each photograph, peak and idle memory in MiB, and the files made."""
    results = FOLDER / "results"
    results.mkdir(exist_ok=True)
    command = [*command, str(file), str(count), str(lanes), str(results)]
    environment = os.environ | {"NODE_PATH": str(FOLDER / "node_modules")}
    line = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    cpu, wall, peak, idle = map(float, line.split())
    made = {size: (results / f"{size}.webp").read_bytes() for size in SIZES}
    return {"cpu": cpu / count, "wall": wall / count, "peak": peak / 1024, "growth": (peak - idle) / 1024, "made": made}


def row(name, ours, reference, digits=1):
    print(f"{name:46} {ours:10.{digits}f} {reference:10.{digits}f} {ours / reference:7.2f}", flush=True)


def scores(file, made):
    """Decibels of each size against the photograph shrunk by Pillow without loss."""
    whole = Image.open(file)
    for size, room in SIZES.items():
        target = FOLDER / "results" / "scored.webp"
        target.write_bytes(made[size])
        yield size, decibels(Image.open(target), whole.resize(room, Image.LANCZOS))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", FOLDER, SHARP], check=True)
    for photo, file in photographs():
        ours = run([OURS], file, ALONE, 1)
        ours_stream = run([OURS], file, STREAM, CORES)
        ours_scores = dict(scores(file, ours["made"]))
        for reference, way in REFERENCES.items():
            command = ["node", str(HERE / "reference.js"), way]
            theirs = run(command, file, ALONE, 1)
            theirs_stream = run(command, file, STREAM, CORES)
            print(f"\n{f'{photo}, beside {reference}':46} {'ours':>10} {'reference':>10} {'ratio':>7}")
            row("one at a time: processor ms", ours["cpu"], theirs["cpu"])
            row("one at a time: wall ms", ours["wall"], theirs["wall"])
            row("one at a time: peak memory MiB", ours["peak"], theirs["peak"])
            row("  of which for the photograph", ours["growth"], theirs["growth"])
            row(f"stream, {CORES} at a time: processor ms each", ours_stream["cpu"], theirs_stream["cpu"])
            row(f"stream, {CORES} at a time: wall ms each", ours_stream["wall"], theirs_stream["wall"])
            row(f"stream, {CORES} at a time: peak memory MiB", ours_stream["peak"], theirs_stream["peak"])
            for size, score in scores(file, theirs["made"]):
                row(f"{size}: bytes", len(ours["made"][size]), len(theirs["made"][size]), 0)
                row(f"{size}: similarity dB", ours_scores[size], score, 2)
            total = [sum(map(len, side["made"].values())) for side in (ours, theirs)]
            row("all sizes: bytes", *total, 0)


main()
