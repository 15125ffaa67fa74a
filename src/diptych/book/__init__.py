"""What makes the book: ``agree`` and ``show``, the figures, the builder of notebooks, the lab.

``compare``, ``errors``, ``gradients`` and ``plots`` are what chapters call, and a student's
notebook may import them: they import no other room. The rest reads the catalogue and must import
neither judging nor grading.
"""
