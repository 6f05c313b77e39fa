"""Draws the fixtures of ImagingTests and what Pillow makes of them. Needs Pillow; writes beside itself.

NAME.jpg or NAME.png is a picture; NAME.rgb is what it must decode to: width and height as little-endian
16-bit numbers, then rows of red, green, blue. resize_WxH.rgb is what Pillow's bilinear resize makes of
scene.png.
"""

import io
import itertools
import pathlib
import struct
import zlib

from PIL import Image

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT = 13, 9
SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
GRAY, RGB, PALETTE, GRAY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
SAMPLES = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGB_ALPHA: 4}


def write_expected(name, width, height, rgb):
    (HERE / f"{name}.rgb").write_bytes(struct.pack("<HH", width, height) + bytes(rgb))


def noise(*key):
    """A number of 16 bits that looks random and is the same in every run."""
    return zlib.crc32(repr(key).encode()) & 0xFFFF


def scene(width, height):
    """Smooth colours, hard edges and some noise."""
    image = Image.new("RGB", (width, height))
    for y, x in itertools.product(range(height), range(width)):
        stripe = 120 if (x // 5 + y // 7) % 2 else 0
        grain = noise(x, y) % 32
        color = (x * 223 // width + grain, (stripe + y * 2 + grain) % 256, 255 - y * 200 // height)
        image.putpixel((x, y), color)
    return image


# PNG: every colour type and depth, by an encoder of our own (Pillow writes few of them).


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(row, depth):
    bits = "".join(f"{sample:0{depth}b}" for pixel in row for sample in pixel)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def encoded(rows, depth, kind, interlaced, extra=b""):
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    data = b""
    for x0, y0, dx, dy in passes:
        for row in rows[y0::dy]:
            if row[x0::dx]:
                data += b"\0" + packed(row[x0::dx], depth)
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), depth, kind, 0, 0, int(interlaced))
    body = extra + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")
    return SIGNATURE + chunk(b"IHDR", header) + body


def eight(sample, depth):
    return sample >> 8 if depth == 16 else sample * 255 // (2**depth - 1)


def over_white(color, alpha):
    return [255 - ((255 - c) * alpha * 2 + 255) // 510 for c in color]


def expected_pixel(pixel, depth, kind, palette, transparent):
    if kind == PALETTE:
        *color, alpha = palette[pixel[0]]
        return over_white(color, alpha)
    values = [eight(sample, depth) for sample in pixel]
    alpha = values.pop() if kind in (GRAY_ALPHA, RGB_ALPHA) else 255
    if transparent is not None and tuple(pixel) == transparent:
        alpha = 0
    return over_white(values * 3 if len(values) == 1 else values, alpha)


def make_png(depth, kind, interlaced, with_transparency):
    top = 2**depth
    samples = range(SAMPLES[kind])
    rows = [
        [tuple(noise(kind, depth, x, y, s) % top for s in samples) for x in range(WIDTH)]
        for y in range(HEIGHT)
    ]
    palette, transparent, extra = None, None, b""
    if kind == PALETTE:
        palette = [[noise("palette", i, c) % 256 for c in range(3)] + [255] for i in range(top)]
        extra = chunk(b"PLTE", bytes(c for color in palette for c in color[:3]))
        if with_transparency:
            for i in range(top // 2):
                palette[i][3] = noise("alpha", i) % 256
            extra += chunk(b"tRNS", bytes(color[3] for color in palette[: top // 2]))
    elif with_transparency:
        transparent = rows[2][3]
        extra = chunk(b"tRNS", struct.pack(f">{len(transparent)}H", *transparent))
    rgb = [c for row in rows for p in row for c in expected_pixel(p, depth, kind, palette, transparent)]
    name = f"png_type{kind}_depth{depth}{'_trns' * with_transparency}{'_interlaced' * interlaced}"
    (HERE / f"{name}.png").write_bytes(encoded(rows, depth, kind, interlaced, extra))
    write_expected(name, WIDTH, HEIGHT, rgb)


def make_pngs():
    depths = dict.fromkeys((RGB, GRAY_ALPHA, RGB_ALPHA), (8, 16))
    depths |= {GRAY: (1, 2, 4, 8, 16), PALETTE: (1, 2, 4, 8)}
    for kind, interlaced in itertools.product(depths, (False, True)):
        for depth in depths[kind]:
            make_png(depth, kind, interlaced, False)
            if kind in (GRAY, RGB, PALETTE):
                make_png(depth, kind, interlaced, True)


# JPEG: as Pillow writes and reads them.


def make_jpeg(name, image, **options):
    data = io.BytesIO()
    image.save(data, "JPEG", **{"quality": 90, **options})
    (HERE / f"{name}.jpg").write_bytes(data.getvalue())
    decoded = Image.open(io.BytesIO(data.getvalue())).convert("RGB")
    write_expected(name, *decoded.size, decoded.tobytes())
    return decoded


def make_jpegs():
    image = scene(37, 27)
    make_jpeg("jpeg_444", image, subsampling=0)
    make_jpeg("jpeg_422", image, subsampling=1)
    make_jpeg("jpeg_420", image, subsampling=2)
    make_jpeg("jpeg_progressive", image, progressive=True)
    make_jpeg("jpeg_restarts", image, restart_marker_blocks=2)
    make_jpeg("jpeg_gray", image.convert("L"))
    make_jpeg("jpeg_cmyk", image.convert("CMYK"))
    make_jpeg("jpeg_cifar", scene(32, 32), quality=75)
    turn = Image.Transpose
    turns = [None, None, turn.FLIP_LEFT_RIGHT, turn.ROTATE_180, turn.FLIP_TOP_BOTTOM]
    turns += [turn.TRANSPOSE, turn.ROTATE_270, turn.TRANSVERSE, turn.ROTATE_90]
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        decoded = make_jpeg(f"jpeg_orientation{orientation}", scene(14, 10), exif=exif)
        if turns[orientation] is not None:
            decoded = decoded.transpose(turns[orientation])
            write_expected(f"jpeg_orientation{orientation}", *decoded.size, decoded.tobytes())


def make_resized():
    image = scene(61, 47)
    image.save(HERE / "scene.png", optimize=True)
    write_expected("scene", *image.size, image.tobytes())
    for size in [(32, 32), (10, 90), (122, 94), (61, 20), (17, 47), (1, 1), (3, 2), (60, 46), (100, 5)]:
        resized = image.resize(size, Image.Resampling.BILINEAR)
        write_expected(f"resize_{size[0]}x{size[1]}", *size, resized.tobytes())


if __name__ == "__main__":
    make_pngs()
    make_jpegs()
    make_resized()
