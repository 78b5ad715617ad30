"""Photographs made of numbers: light that falls off, textures of every coarseness, things with hard edges, sensor noise."""

import numpy
from PIL import Image

TEXTURES = ((1024, 40), (512, 30), (256, 22), (128, 15), (64, 10), (32, 7), (16, 5), (8, 4), (4, 3), (2, 3))
TINTS = ((700, 25), (200, 10))
NOISE = 4


def cloud(random, width, height, cell):
    """Noise that changes over `cell` pixels."""
    coarse = random.standard_normal((height // cell + 2, width // cell + 2)).astype(numpy.float32)
    return numpy.asarray(Image.fromarray(coarse).resize((width, height), Image.BICUBIC))


def photograph(width, height, seed):
    random = numpy.random.default_rng(seed)
    light = 120 + sum(strength * cloud(random, width, height, cell) for cell, strength in TEXTURES)
    colours = numpy.empty((height, width, 3), numpy.float32)
    for channel in range(3):
        colours[..., channel] = light
        for cell, strength in TINTS:
            colours[..., channel] += strength * cloud(random, width, height, cell)
    for _ in range(100):
        left, top = random.integers(0, width), random.integers(0, height)
        thing = colours[top : top + random.integers(8, height // 6), left : left + random.integers(8, width // 6)]
        opacity = random.uniform(0.3, 0.9)
        thing *= 1 - opacity
        thing += opacity * random.uniform(20, 235, 3)
    colours += NOISE * random.standard_normal(colours.shape, numpy.float32)
    return Image.fromarray(numpy.clip(colours, 0, 255).astype(numpy.uint8))
