"""Which functions an answer must not use, and how their use is seen.

``witness`` sees what runs while an answer is asked, ``operations`` says what of that is forbidden
(``record`` has recorded whose operations are whose), and ``text`` finds names in the source, which
are advice. ``witness`` and ``text`` run where the student's code runs: they import no room.
"""
