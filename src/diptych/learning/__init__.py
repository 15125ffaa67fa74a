"""The learner's side: progress, hints, paths."""
