"""Writes the pictures in `files`, and into `expected` what they show, upright and in sRGB, as Pillow decodes them; and into
`planted` one of each format with a marker in every block of metadata that it can carry. Of HEIC also: into `heavy` what is large
to decode, and into `lying` what is larger than it says.

`NAME@EDGE.png` is what decoding the file called NAME to fit EDGE pixels must come close to. Needs Pillow, pillow-heif, and
numpy.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy
from PIL import Image, ImageCms, ImageOps
from PIL.PngImagePlugin import PngInfo

import heic

HERE = Path(__file__).parent
FILES, EXPECTED, PLANTED = HERE / "files", HERE / "expected", HERE / "planted"
HEAVY, LYING = HERE / "heavy", HERE / "lying"
SIZE = (96, 64)
ORIENTATION = 0x0112
# Pillow's names for what brings an upright picture into the position that each EXIF orientation stores.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def scene(size=SIZE):
    """No two corners alike, gradients everywhere, and a few edges."""
    width, height = size
    down, across = numpy.mgrid[0:1:height * 1j, 0:1:width * 1j]
    planes = [40 + 180 * across, 40 + 180 * down, 220 - 170 * across * down]
    colours = numpy.stack(planes, -1)
    colours[height // 8 : height // 3, width // 8 : width // 3] = (200, 40, 40)
    colours[height // 2 : -height // 8, width // 2 : -width // 4] = (30, 60, 160)
    return Image.fromarray(colours.round().astype(numpy.uint8))


def see_through(size=SIZE):
    """The scene, growing opaque from left to right, with a hole."""
    picture = scene(size)
    opacity = numpy.tile(numpy.linspace(0, 255, size[0]), (size[1], 1))
    opacity[8:24, 60:80] = 0
    picture.putalpha(Image.fromarray(opacity.round().astype(numpy.uint8)))
    return picture


def profile(curve, primaries):
    """An ICC profile of three primaries (XYZ under D50) and one curve, as small as the standard allows."""
    number = lambda value: struct.pack(">i", round(value * 65536))
    xyz = lambda values: b"XYZ \0\0\0\0" + b"".join(map(number, values))
    text = b"PLANTED profile"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(78)
    tags = {b"desc": description, b"cprt": b"text\0\0\0\0none\0", b"wtpt": xyz((0.9642, 1, 0.8249))}
    tags |= {name: xyz(values) for name, values in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries)}
    tags |= {name: curve for name in (b"rTRC", b"gTRC", b"bTRC")}
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", start + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    header = struct.pack(">I4xI4s4s4s", start + len(data), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + xyz((0.9642, 1, 0.8249))[8:]
    return header.ljust(128, b"\0") + table + data


# With the curve of sRGB (IEC 61966-2-1), as the five numbers of a power with a straight foot.
SRGB_NUMBERS = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
SRGB_CURVE = b"para\0\0\0\0\0\3\0\0" + struct.pack(">5i", *(round(value * 65536) for value in SRGB_NUMBERS))
DISPLAY_P3 = profile(SRGB_CURVE, ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)))
# Adobe RGB (1998): a wider green than sRGB's.
ADOBE_CURVE = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.19921875 * 256)) + b"\0\0"
ADOBE_RGB = profile(ADOBE_CURVE, ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)))


def png(width, height, depth, colour, rows, interlaced=False):
    """A PNG of raw rows, for kinds that Pillow reads but does not write."""
    chunk = lambda name, body: struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def interlaced(picture):
    """The seven passes of Adam7: first column and row, steps across and down."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    pixels = numpy.asarray(picture)
    rows = [row.tobytes() for left, top, across, down in passes for row in pixels[top::down, left::across]]
    return png(*picture.size, 8, 2, rows, True)


def written(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def ycck(picture):
    """Pillow stores inks without a transform; stored instead are luminance, two colours and black, and the file says so."""
    inks = [255 - numpy.asarray(plane).astype(float) for plane in picture.convert("CMYK").split()]
    light = numpy.stack(inks[:3], -1).round().astype(numpy.uint8)
    planes = [*Image.fromarray(light).convert("YCbCr").split(), Image.fromarray(inks[3].astype(numpy.uint8))]
    # As libjpeg turns them back it takes the complement, and so does Pillow when it writes.
    planes = [ImageOps.invert(plane) for plane in planes]
    file = bytearray(written(Image.merge("CMYK", planes), "JPEG", quality=95))
    at = file.index(b"Adobe") + 11
    file[at] = 2
    return bytes(file)


def oriented(value):
    picture = scene() if STORED[value] is None else scene().transpose(STORED[value])
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return written(picture, "JPEG", quality=90, exif=exif)


def kinds():
    """Each file's name, bytes, and the edges to decode it to; below a half of its own, a JPEG is decoded scaled."""
    edges, subsampled = (96, 40, 20, 12), (96, 40, 20)
    for value in STORED:
        yield f"orientation-{value}.jpg", oriented(value), (96, 40)
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        yield f"baseline-{name}.jpg", written(scene(), "JPEG", quality=90, subsampling=subsampling), subsampled if subsampling else edges
        options = {"quality": 90, "subsampling": subsampling, "progressive": True}
        yield f"progressive-{name}.jpg", written(scene(), "JPEG", **options), subsampled if subsampling else edges
    yield "odd.jpg", written(scene((97, 61)), "JPEG", quality=90), (97, 41)
    yield "grey.jpg", written(scene().convert("L"), "JPEG", quality=90), edges
    yield "grey-progressive.jpg", written(scene().convert("L"), "JPEG", quality=90, progressive=True), edges
    yield "rgb.jpg", written(scene(), "JPEG", quality=90, keep_rgb=True), edges
    yield "restarts.jpg", written(scene(), "JPEG", quality=90, restart_marker_blocks=3), subsampled
    yield "cmyk.jpg", written(scene().convert("CMYK"), "JPEG", quality=95), edges
    yield "ycck.jpg", ycck(scene()), edges
    yield "adobe-rgb.jpg", written(scene(), "JPEG", quality=90, icc_profile=ADOBE_RGB), subsampled
    yield "adobe-rgb.png", written(scene(), "PNG", icc_profile=ADOBE_RGB), (96,)

    deep = numpy.asarray(scene()).astype(">u2") * 257
    yield "deep.png", png(*SIZE, 16, 2, [row.tobytes() for row in deep]), (96, 40)
    deep = numpy.asarray(scene().convert("L")).astype(">u2") * 257
    yield "deep-grey.png", png(*SIZE, 16, 0, [row.tobytes() for row in deep]), (96,)
    yield "grey.png", written(scene().convert("L"), "PNG"), (96, 40)
    yield "grey-see-through.png", written(see_through().convert("LA"), "PNG"), (96,)
    yield "see-through.png", written(see_through(), "PNG"), (96,)
    yield "palette.png", written(scene().quantize(16), "PNG"), (96,)
    yield "palette-see-through.png", written(see_through().quantize(16), "PNG"), (96,)
    yield "bits.png", written(scene().convert("1"), "PNG"), (96,)
    yield "interlaced.png", interlaced(scene()), (96,)

    other = Image.new("RGB", SIZE, "lime")
    yield "still.gif", written(scene(), "GIF"), (96,)
    yield "animated.gif", written(scene(), "GIF", save_all=True, append_images=[other], duration=100), (96,)
    yield "see-through.gif", written(see_through(), "GIF"), (96,)
    yield "lossy.webp", written(scene(), "WEBP", quality=90), (96, 40)
    yield "lossless.webp", written(scene(), "WEBP", lossless=True), (96,)
    yield "see-through.webp", written(see_through(), "WEBP", quality=90), (96,)
    yield "see-through-lossless.webp", written(see_through(), "WEBP", lossless=True, exact=True), (96,)
    for name, file, edges in heic.kinds(scene, see_through, STORED, turned, ADOBE_RGB):
        yield name, file, edges
    yield "animated.webp", written(scene(), "WEBP", save_all=True, append_images=[other], quality=90), (96,)


def turned(orientation):
    block = Image.Exif()
    block[ORIENTATION] = orientation
    return block.tobytes()


def exif():
    """Place, serial number, notes and a thumbnail with a comment of its own."""
    thumbnail = written(scene((32, 24)), "JPEG", comment="PLANTED thumbnail")
    block = Image.Exif()
    block[0x010E] = "PLANTED description"
    block[0x8825] = {1: "N", 2: (48.0, 8.0, 14.0), 3: "E", 4: (11.0, 34.0, 32.0), 27: b"PLANTED place"}
    block[0x8769] = {0xA431: "PLANTED serial", 0x927C: b"PLANTED note" + thumbnail, 0x9286: b"ASCII\0\0\0PLANTED comment"}
    return block


def planted():
    """A file of each format whose every block says PLANTED."""
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>PLANTED</x:xmpmeta>"
    metadata = {"exif": exif(), "icc_profile": ADOBE_RGB}

    file = written(scene(), "JPEG", quality=90, xmp=xmp, comment="PLANTED comment", **metadata)
    bodies = {
        0xE0: b"JFXX\0\x10" + written(scene((32, 24)), "JPEG", comment="PLANTED thumbnail"),
        0xE2: b"MPF\0PLANTED further pictures",
        0xEC: b"Ducky\0PLANTED",
        0xED: b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0c\x1c\x02\x78\0\x07PLANTED",
    }
    segments = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in bodies.items())
    # Behind the first segment, which says that the file is a JFIF one.
    first = 4 + struct.unpack(">H", file[4:6])[0]
    yield "all.jpg", file[:first] + segments + file[first:]

    text = PngInfo()
    text.add_text("Comment", "PLANTED text")
    text.add_text("Author", "PLANTED compressed text", zip=True)
    text.add_itxt("Title", "PLANTED international text")
    text.add_itxt("Source", "PLANTED compressed international text", zip=True)
    text.add_itxt("XML:com.adobe.xmp", xmp.decode())
    text.add(b"prVt", b"PLANTED private chunk")
    for name, picture in (("all.png", scene()), ("all-see-through.png", see_through())):
        yield name, written(picture, "PNG", pnginfo=text, **metadata)
    for name, picture in (("all.webp", scene()), ("all-see-through.webp", see_through())):
        yield name, written(picture, "WEBP", xmp=xmp, **metadata)

    place = heic.Metadata(b"Exif", struct.pack(">I", 6) + exif().tobytes())
    for name, picture in (("all.heic", scene()), ("all-see-through.heic", see_through())):
        coded, beside = heic.Coded(picture), [place, heic.Metadata(b"mime", xmp)]
        coded.colours = heic.box(b"colr", b"prof", ADOBE_RGB)
        coded.further = [heic.full(b"udes", b"en\0PLANTED\0PLANTED description\0PLANTED\0", version=0)]
        links = [(b"cdsc", 2, [1]), (b"cdsc", 3, [1])]
        if picture.mode == "RGBA":
            beside, links = [*beside, heic.opacity(picture)], [*links, (b"auxl", 4, [1])]
        yield name, heic.file([coded, *beside], links) + heic.box(b"free", b"PLANTED box")

    file = written(scene(), "GIF", comment=b"PLANTED comment")
    start = file.index(b"\x21\xfe")
    extensions = b"\x21\xff\x0bXMP DataXMP" + bytes([len(xmp)]) + xmp + b"\0"
    extensions += b"\x21\xff\x0bPLANTEDapp1\x07PLANTED\0"
    yield "all.gif", file[:start] + extensions + file[start:]


def shown(file, space=None):
    """What a file shows, as Pillow and LittleCMS read it; its colours in `space`, if it says so in a way they do not read."""
    picture = Image.open(io.BytesIO(file))
    picture.seek(0)
    picture.load()
    space = space or picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):
        picture = Image.fromarray((numpy.asarray(picture) >> 8).astype(numpy.uint8))
    if space:
        known = ImageCms.ImageCmsProfile(io.BytesIO(space))
        picture = ImageCms.profileToProfile(picture.convert("RGB"), known, ImageCms.createProfile("sRGB"))
    return picture.convert("RGBA")


def main():
    for folder in (FILES, EXPECTED, PLANTED, HEAVY, LYING):
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
    for name, file in planted():
        (PLANTED / name).write_bytes(file)
    for name, file in heic.heavy():
        (HEAVY / name).write_bytes(file)
    for name, file in heic.lying(scene, see_through):
        (LYING / name).write_bytes(file)
    for name, file, edges in kinds():
        (FILES / name).write_bytes(file)
        whole = shown(file, DISPLAY_P3 if name.startswith("display-p3") else None)
        for edge in edges:
            share = edge / max(whole.size)
            size = tuple(int(length * share + 0.5) for length in whole.size)
            picture = whole if size == whole.size else whole.resize(size, Image.LANCZOS)
            (EXPECTED / f"{name}@{edge}.png").write_bytes(written(picture, "PNG", optimize=True))


main()
