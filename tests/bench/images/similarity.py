"""How alike pictures are: multi-scale structural similarity (Wang, Simoncelli, Bovik, 2003) of red, green and blue."""

import numpy

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
WINDOW = numpy.exp(-(numpy.arange(-5.0, 6.0) ** 2) / (2 * 1.5**2))
WINDOW /= WINDOW.sum()


def blurred(plane):
    """The plane under the usual window, without its margins."""
    for axis in (0, 1):
        length = plane.shape[axis] - len(WINDOW) + 1
        parts = (numpy.take(plane, range(at, at + length), axis) for at in range(len(WINDOW)))
        plane = sum(weight * part for weight, part in zip(WINDOW, parts))
    return plane


def at_one_scale(ours, theirs):
    """Means of luminance times structure, and of structure alone."""
    ours_mean, theirs_mean = blurred(ours), blurred(theirs)
    ours_spread = blurred(ours * ours) - ours_mean**2
    theirs_spread = blurred(theirs * theirs) - theirs_mean**2
    common = blurred(ours * theirs) - ours_mean * theirs_mean
    low, high = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    structure = (2 * common + high) / (ours_spread + theirs_spread + high)
    luminance = (2 * ours_mean * theirs_mean + low) / (ours_mean**2 + theirs_mean**2 + low)
    return (luminance * structure).mean(), structure.mean()


def halved(plane):
    height, width = (length // 2 * 2 for length in plane.shape)
    return plane[:height, :width].reshape(height // 2, 2, width // 2, 2).mean((1, 3))


def of_planes(ours, theirs):
    score = 1.0
    for scale, weight in enumerate(WEIGHTS):
        whole, structure = at_one_scale(ours, theirs)
        score *= (whole if scale == len(WEIGHTS) - 1 else structure) ** weight
        ours, theirs = halved(ours), halved(theirs)
    return score


def decibels(ours, theirs):
    """The score of two Pillow pictures as decibels, in which differences near 1 can be seen: 20 is 0.99, 30 is 0.999."""
    ours, theirs = (numpy.asarray(picture.convert("RGB"), numpy.float32) for picture in (ours, theirs))
    score = numpy.mean([of_planes(ours[..., channel], theirs[..., channel]) for channel in range(3)])
    return -10 * numpy.log10(1 - score)
