"""Writes HEIC files box by box (ISO/IEC 14496-12, ISO/IEC 23008-12) around pictures that x265 coded, so that they can be
tiled, turned, cropped, or lie. Needs pillow-heif.
"""

import io
import struct

import numpy
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def box(name, *bodies):
    body = b"".join(bodies)
    return struct.pack(">I", len(body) + 8) + name + body


def full(name, *bodies, version=0, flags=0):
    return box(name, struct.pack(">I", version << 24 | flags), *bodies)


def inside(data, *path):
    """The body of the first box of each name, one inside the other."""
    for name in path:
        at = 0
        while data[at + 4 : at + 8] != name:
            at += struct.unpack(">I", data[at : at + 4])[0]
        data = data[at + 8 : at + struct.unpack(">I", data[at : at + 4])[0]]
        data = data[4:] if name == b"meta" else data
    return data


class Coded:
    """A coded picture: its properties and its data."""

    def __init__(self, picture, **options):
        if isinstance(picture, Image.Image):
            picture = pillow_heif.from_pillow(picture.convert("RGB") if picture.mode == "RGBA" else picture)
        file = io.BytesIO()
        picture.save(file, **({"quality": 90} | options))
        file = file.getvalue()
        properties = inside(file, b"meta", b"iprp", b"ipco")
        self.kind, self.size = b"hvc1", struct.unpack(">II", inside(properties, b"ispe")[4:])
        self.configuration, self.data = inside(properties, b"hvcC"), inside(file, b"mdat")
        self.bits = struct.pack("B", len(inside(properties, b"pixi")) - 5) + inside(properties, b"pixi")[5:]
        self.colours = box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 128))
        # Coded pictures have even edges.
        self.further = [cropped(0, 0, picture.size, self.size)] if picture.size != self.size else []

    def properties(self):
        yield box(b"hvcC", self.configuration)
        yield full(b"ispe", struct.pack(">II", *self.size))
        yield full(b"pixi", self.bits)
        yield self.colours
        yield from self.further


class Grid:
    """Tiles, row by row, with the properties of the first."""

    def __init__(self, tiles, columns, size):
        rows = len(tiles) // columns
        self.kind, self.size, self.further = b"grid", size, []
        self.data = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, *size)
        self.bits, self.colours = tiles[0].bits, tiles[0].colours

    def properties(self):
        yield full(b"ispe", struct.pack(">II", *self.size))
        yield full(b"pixi", self.bits)
        yield self.colours
        yield from self.further


class Metadata:
    def __init__(self, kind, data):
        self.kind, self.data = kind, data

    def properties(self):
        return ()


def references(kind, of, to):
    return box(kind, struct.pack(f">HH{len(to)}H", of, len(to), *to))


def file(items, links=(), shared=False):
    """A file of these items, numbered from 1, of which the first is the primary; `links` are references between them."""
    known, places = [], []
    for item in items:
        mine = []
        for one in item.properties():
            if one not in known:
                known.append(one)
            mine.append(known.index(one) + 1)
        places.append(mine)
    used = [(number, mine) for number, mine in enumerate(places, 1) if mine]
    entries = b"".join(struct.pack(f">HB{len(mine)}B", number, len(mine), *mine) for number, mine in used)
    information = b""
    for number, item in enumerate(items, 1):
        content = b"application/rdf+xml\0\0" if item.kind == b"mime" else b""
        information += full(b"infe", struct.pack(">HH", number, 0), item.kind, b"\0", content, version=2)
    top = box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def meta(start):
        pieces = b""
        for number, item in enumerate(items, 1):
            pieces += struct.pack(">HHHII", number, 0, 1, start, len(item.data))
            start += 0 if shared else len(item.data)
        return full(
            b"meta",
            full(b"hdlr", bytes(4), b"pict", bytes(13)),
            full(b"pitm", struct.pack(">H", 1)),
            full(b"iloc", struct.pack(">BBH", 0x44, 0, len(items)), pieces),
            full(b"iinf", struct.pack(">H", len(items)), information),
            box(b"iprp", box(b"ipco", *known), full(b"ipma", struct.pack(">I", len(used)), entries)),
            full(b"iref", *(references(*link) for link in links)) if links else b"",
        )

    start = len(top) + len(meta(0)) + 8
    data = items[0].data if shared else b"".join(item.data for item in items)
    return top + meta(start) + box(b"mdat", data)


# Quarter turns against the clock, then the axis of a mirror, which undo what each EXIF orientation stores.
TURNS = {1: (0, None), 2: (0, 0), 3: (2, None), 4: (0, 1), 5: (1, 1), 6: (3, None), 7: (1, 0), 8: (1, None)}


def turned(orientation):
    quarters, axis = TURNS[orientation]
    turns = [box(b"irot", bytes([quarters]))] if quarters else []
    return turns + ([box(b"imir", bytes([axis]))] if axis is not None else [])


def cropped(left, top, size, whole):
    """Keeps `size` of `whole`: each number is a fraction, places are those of the middles."""
    numbers = [size[0], 1, size[1], 1]
    for start, part, all_of_it in ((left, size[0], whole[0]), (top, size[1], whole[1])):
        numbers += [2 * start + part - all_of_it, 2]
    return box(b"clap", struct.pack(">8i", *numbers))


def opacity(picture, **options):
    """The opacity of a picture, as a picture of its own."""
    coded = Coded(picture.getchannel("A"), **options)
    coded.further = [full(b"auxC", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")]
    return coded


def deep(picture, **options):
    """Ten bits a channel."""
    data = (numpy.asarray(picture).astype("<u2") * 257).tobytes()
    return Coded(pillow_heif.from_bytes(mode=f"{picture.mode};16", size=picture.size, data=data), **options)


def kinds(scene, see_through, stored, exif, icc):
    """As `kinds` of `make.py`."""
    for orientation in TURNS:
        picture = scene() if stored[orientation] is None else scene().transpose(stored[orientation])
        coded = Coded(picture)
        coded.further = turned(orientation)
        # What telephones do: the same in EXIF, which says nothing any more.
        beside = Metadata(b"Exif", bytes(4) + exif(orientation))
        yield f"orientation-{orientation}.heic", file([coded, beside], [(b"cdsc", 2, [1])]), (96, 40)
    for chroma in (420, 422, 444):
        yield f"{chroma}.heic", file([Coded(scene(), chroma=chroma)]), (96, 40)
    yield "grey.heic", file([Coded(scene().convert("L"))]), (96,)
    yield "odd.heic", file([Coded(scene((97, 61)))]), (97, 41)
    yield "deep.heic", file([deep(scene())]), (96, 40)
    wide = Coded(scene())
    wide.colours = box(b"colr", b"prof", icc)
    yield "adobe-rgb.heic", file([wide]), (96,)
    part = Coded(scene())
    part.further = [cropped(10, 20, (60, 30), (96, 64)), *turned(6)]
    yield "cropped.heic", file([part]), (60,)
    whole = scene((128, 64))
    tiles = [Coded(whole.crop((left, 0, left + 64, 64))) for left in (0, 64)]
    yield "tiled.heic", file([Grid(tiles, 2, (96, 64)), *tiles], [(b"dimg", 1, [2, 3])]), (96, 40)
    yield "see-through.heic", file([Coded(see_through()), opacity(see_through())], [(b"auxl", 2, [1])]), (96,)
    weighted = see_through().convert("RGBa")
    colours = Image.merge("RGB", [weighted.getchannel(place) for place in range(3)])
    weighted = [Coded(colours, quality=98, chroma=444), opacity(see_through(), quality=98)]
    yield "weighted.heic", file(weighted, [(b"auxl", 2, [1]), (b"prem", 1, [2])]), (96,)
    named = Coded(scene())
    named.colours = box(b"colr", b"nclx", struct.pack(">HHHB", 12, 13, 6, 128))
    yield "display-p3.heic", file([named]), (96,)


def heavy():
    """Little to read and much to decode: name and bytes, all of about 50 megapixels."""
    size, flat = (7_040, 7_040), {"quality": 10}
    plain = Image.new("RGB", size, (9, 80, 200))
    coded = Coded(plain, **flat)
    yield "plain.heic", file([coded])
    coded.further = turned(6)
    yield "turned.heic", file([coded])
    yield "deep.heic", file([deep(plain, **flat)])
    yield "whole-colours.heic", file([deep(plain, chroma=444, **flat)])
    clear = plain.copy()
    clear.putalpha(100)
    yield "see-through.heic", file([Coded(plain, **flat), opacity(clear, **flat)], [(b"auxl", 2, [1])])
    tile = Coded(Image.new("RGB", (704, 704), (9, 80, 200)), **flat)
    grid = Grid([tile] * 100, 10, size)
    yield "tiled.heic", file([grid] + [tile] * 100, [(b"dimg", 1, list(range(2, 102)))])


def lying(scene, see_through):
    """Files that would cost more than they say: name and bytes."""
    small = Coded(scene())
    large = Coded(Image.new("RGB", (7_040, 7_040)), quality=10)
    large.size = (96, 64)
    yield "larger-than-told.heic", file([large])
    far = Coded(scene())
    far.size = (60_000, 60_000)
    yield "smaller-than-told.heic", file([far])
    film = Coded(scene())
    film.data *= 2
    yield "film.heic", file([film])
    beside = Coded(scene())
    beside.data = struct.pack(">I", 3) + b"\x02\x01\x80" + beside.data
    yield "dependent.heic", file([beside])
    grid = Grid([small] * 2, 2, (30_000, 30_000))
    yield "huge-grid.heic", file([grid, small, small], [(b"dimg", 1, [2, 3])])
    large.size = (7_040, 7_040)
    grid = Grid([large] * 3, 3, (96, 64))
    yield "huge-tiles.heic", file([grid, large], [(b"dimg", 1, [2, 2, 2])])
    grid = Grid([small] * 2, 2, (96, 64))
    yield "tiles-of-tiles.heic", file([grid, small], [(b"dimg", 1, [1, 2])])
    clear = opacity(see_through())
    yield "circle.heic", file([clear, clear], [(b"auxl", 1, [2]), (b"auxl", 2, [1])])
    yield "shared.heic", file([small] * 40, shared=True)
    packed = Metadata(b"mime", b"")
    yield "packed.heic", file([small, packed]).replace(b"rdf+xml\0\0", b"deflate\0\0")
    derived = Metadata(b"iden", b"")
    yield "derived.heic", file([derived, small], [(b"dimg", 1, [1])])
