"""The functions that chapters call, such as ``agree`` and ``show``, and the builder of notebooks.

Chapters call ``compare``, ``errors``, ``gradients`` and ``plots``. Students' notebooks may import
these, so they import no other room. The other modules read the catalogue, and must import neither
judging nor grading.
"""
