"""Makes ``math.woff2``, the font of the site's formulas, from STIX Two Math; run it by hand.

::

    pip install brotli==1.2.1 fonttools==4.68.0 ziamath==0.13   # ziamath contains the whole font
    python subset.py .../ziamath/fonts/STIXTwoMath-Regular.ttf

It drops characters, and variants for small sizes, that the book does not use. It also makes tall
variants of brackets and roots narrower, to at most 1.1 times the width of the character itself.
Chromium reserves the width of the widest variant, whichever one it draws; that left a gap after
each root.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

WIDEST = 1.1
CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *(0x131, 0x237, 0x2C6, 0x2C7, *range(0x2D8, 0x2DE)),  # dotless i and j, accents
    *(0x302, 0x303, 0x304, 0x305, 0x306, 0x307, 0x308, 0x30C, 0x20D7, 0x338, 0xFE00),
    *range(0x391, 0x3CA),  # Greek, and its variant letters
    *(0x3D1, 0x3D5, 0x3D6, 0x3F0, 0x3F1, 0x3F5),
    *range(0x2010, 0x2028),
    *range(0x2030, 0x2038),
    *(0x2043, 0x2044, 0x2057, *range(0x2061, 0x2065)),
    *range(0x2100, 0x2140),  # letters like ℝ that stand outside their alphabets
    *range(0x2190, 0x219A),
    *(0x21A6, *range(0x21D0, 0x21D6)),
    *range(0x2200, 0x22F2),
    *range(0x2308, 0x230C),
    *(0x23B4, 0x23B5, *range(0x23DC, 0x23E0)),
    *(0x25A1, 0x25CB, 0x2713, 0x27E8, 0x27E9, 0x27EE, 0x27EF, 0x27F5, 0x27F6, 0x2A7D, 0x2A7E),
    *range(0x1D400, 0x1D4D0),  # bold, italic, bold italic, script
    *range(0x1D538, 0x1D56C),  # double-struck
    *range(0x1D6A4, 0x1D756),  # Greek: bold, italic, bold italic
    *range(0x1D7CE, 0x1D7E2),  # digits: bold, double-struck
]


def narrow(font: TTFont) -> None:
    """Scale the tall variants of all glyphs to at most ``WIDEST`` of the width of the first."""
    variants = font["MATH"].table.MathVariants
    widths, glyphs = font["hmtx"], font["glyf"]
    for name, construction in zip(
        variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True
    ):
        parts = construction.GlyphAssembly.PartRecords if construction.GlyphAssembly else ()
        tall = {record.VariantGlyph for record in construction.MathGlyphVariantRecord}
        for each in sorted(tall | {part.glyph for part in parts}):
            scale = min(1, WIDEST * widths[name][0] / widths[each][0])
            if scale == 1:
                continue
            outline, pen = DecomposingRecordingPen(font.getGlyphSet()), TTGlyphPen(None)
            font.getGlyphSet()[each].draw(outline)
            outline.replay(TransformPen(pen, (scale, 0, 0, 1, 0, 0)))
            glyphs[each] = pen.glyph()
            glyphs[each].recalcBounds(glyphs)
            widths[each] = round(widths[each][0] * scale), glyphs[each].xMin


def main(source: str) -> None:
    font = TTFont(source)
    options = Options(layout_features=["dtls", "flac"], hinting=False)
    options.name_IDs = [0, 13, 14]  # copyright and licence
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    narrow(font)
    for id in (1, 4, 6):
        font["name"].setName("Diptych Math".replace(" ", "" if id == 6 else " "), id, 3, 1, 0x409)
    font.flavor = "woff2"
    font.save(Path(__file__).with_name("math.woff2"))


if __name__ == "__main__":
    main(sys.argv[1])
