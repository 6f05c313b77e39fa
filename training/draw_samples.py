#!/usr/bin/env python3
"""Draws the sample pictures of the README and the tests: a ship on the sea, an aeroplane in the sky.

    training/draw_samples.py Tests/Fixtures/pictures

Everything is drawn four times as large and reduced to 640x480, which smooths the edges; noise comes from a
fixed seed, so that the same Pillow draws the same bytes.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, SCALE = 640, 480, 4


def gradient(stops):
    """A picture whose rows run through `stops`, (height share, colour), from top to bottom."""
    rows = np.linspace(0, 1, HEIGHT * SCALE)
    places = [place for place, _ in stops]
    bands = [np.interp(rows, places, [colour[i] for _, colour in stops]) for i in range(3)]
    column = np.stack(bands, axis=-1)[:, None, :]
    return Image.fromarray(np.repeat(column, WIDTH * SCALE, axis=1).round().astype(np.uint8))


class Brush:
    """Draws in units of the final picture's pixels."""

    def __init__(self, picture):
        self.picture = picture
        self.draw = ImageDraw.Draw(picture)

    def polygon(self, points, colour):
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    def box(self, left, top, right, bottom, colour):
        self.draw.rectangle([left * SCALE, top * SCALE, right * SCALE, bottom * SCALE], fill=colour)

    def ellipse(self, left, top, right, bottom, colour):
        self.draw.ellipse([left * SCALE, top * SCALE, right * SCALE, bottom * SCALE], fill=colour)

    def line(self, points, colour, width):
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")


def clouds(picture, random, count, top, bottom):
    """Soft white heaps between the heights `top` and `bottom`."""
    layer = Image.new("L", picture.size, 0)
    brush = ImageDraw.Draw(layer)
    for _ in range(count):
        x, y = random.uniform(0, WIDTH), random.uniform(top, bottom)
        for _ in range(9):
            dx, dy, r = random.normal(0, 45), random.normal(0, 9), random.uniform(12, 34)
            box = [x + dx - r * 1.5, y + dy - r * 0.6, x + dx + r * 1.5, y + dy + r * 0.6]
            brush.ellipse([v * SCALE for v in box], fill=110)
    layer = layer.filter(ImageFilter.GaussianBlur(9 * SCALE))
    picture.paste((250, 251, 253), mask=layer)


def waves(brush, random, horizon):
    """Short light and dark strokes, longer and wider apart toward the viewer."""
    for _ in range(900):
        depth = random.uniform(0, 1) ** 1.4
        x, y = random.uniform(-20, WIDTH), horizon + 4 + depth * (HEIGHT - horizon)
        length = 6 + 46 * depth
        light = random.random() < 0.5
        shade = (96, 140, 168) if light else (26, 66, 98)
        points = [(x, y), (x + length / 2, y - 1 - 2 * depth), (x + length, y)]
        brush.line(points, shade, 0.6 + 1.6 * depth)


def draw_ship():
    """A freighter with a red hull, seen from the side, on a dark sea."""
    random = np.random.default_rng(3)
    horizon = 265
    share = horizon / HEIGHT
    picture = gradient(
        [
            (0, (118, 164, 206)),
            (share, (205, 221, 232)),
            (share + 0.001, (66, 112, 146)),
            (1, (24, 62, 96)),
        ]
    )
    clouds(picture, random, 5, 30, 150)
    brush = Brush(picture)
    waves(brush, random, horizon)
    brush.polygon([(60, 262), (590, 250), (548, 338), (104, 338)], (38, 42, 52))
    brush.polygon([(90, 314), (562, 308), (548, 338), (104, 338)], (150, 44, 38))
    brush.polygon([(60, 262), (590, 250), (588, 256), (62, 268)], (226, 228, 230))
    for x, top in ((262, 196), (372, 190), (482, 184)):
        brush.line([(x, 256), (x, top)], (70, 72, 78), 5)
        brush.line([(x, top + 14), (x + 62, top + 2)], (92, 94, 100), 3)
        brush.box(x - 26, 240, x + 40, 256, (120, 98, 74))
    brush.box(96, 172, 208, 262, (238, 239, 240))
    brush.box(108, 142, 192, 174, (230, 232, 234))
    brush.box(116, 120, 178, 144, (244, 245, 246))
    for level in (128, 152, 184, 208, 232):
        for x in range(118, 186, 12):
            brush.box(x, level, x + 6, level + 7, (52, 66, 82))
    brush.box(132, 78, 164, 122, (190, 58, 44))
    brush.box(132, 78, 164, 88, (30, 32, 36))
    brush.line([(212, 258), (212, 104)], (64, 68, 74), 3)
    brush.line([(560, 252), (560, 168)], (64, 68, 74), 3)
    for x in range(96, 560, 9):
        y = 337 + random.normal(0, 2)
        brush.ellipse(x - 9, y - 3, x + 9, y + 5, (206, 220, 228))
    return finished(picture, random)


def draw_aeroplane():
    """An airliner in flight, seen from the side and a little below."""
    random = np.random.default_rng(5)
    picture = gradient([(0, (70, 126, 196)), (1, (176, 208, 236))])
    clouds(picture, random, 4, 330, 460)
    brush = Brush(picture)
    brush.polygon([(330, 222), (400, 222), (300, 112), (268, 112)], (150, 158, 168))
    brush.polygon([(128, 214), (176, 214), (120, 168), (98, 168)], (160, 168, 178))
    brush.polygon([(96, 216), (72, 110), (118, 110), (190, 208)], (40, 74, 140))
    brush.polygon(
        [
            (66, 214),
            (160, 204),
            (480, 202),
            (540, 210),
            (574, 228),
            (580, 238),
            (566, 248),
            (520, 258),
            (240, 262),
            (150, 246),
        ],
        (240, 242, 245),
    )
    brush.polygon([(150, 246), (240, 262), (520, 258), (566, 248), (580, 240), (300, 246)], (186, 192, 200))
    brush.polygon([(300, 244), (392, 244), (236, 374), (196, 374)], (206, 210, 216))
    brush.polygon([(300, 244), (330, 244), (210, 374), (196, 374)], (164, 170, 178))
    brush.polygon([(112, 226), (168, 226), (98, 280), (72, 280)], (200, 205, 212))
    brush.ellipse(290, 276, 352, 304, (120, 126, 136))
    brush.ellipse(336, 278, 354, 302, (52, 58, 68))
    for x in range(196, 510, 15):
        brush.ellipse(x, 220, x + 6, 228, (58, 72, 92))
    brush.polygon([(532, 214), (552, 222), (540, 226), (524, 224)], (40, 52, 70))
    return finished(picture, random)


def finished(picture, random):
    """Reduced to the final size, with a little grain, as a camera adds it."""
    small = picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.6))
    grain = random.normal(0, 2.5, (HEIGHT, WIDTH, 1))
    return Image.fromarray(np.clip(np.asarray(small) + grain, 0, 255).round().astype(np.uint8))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    ship, aeroplane = draw_ship(), draw_aeroplane()
    ship.save(options.folder / "ship.jpg", quality=88)
    aeroplane.save(options.folder / "aeroplane.jpg", quality=88)
    aeroplane.resize((320, 240), Image.Resampling.LANCZOS).save(
        options.folder / "aeroplane.png", optimize=True
    )


if __name__ == "__main__":
    main()
