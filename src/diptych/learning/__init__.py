"""The learner's side: ``check`` in notebooks, commands, and three paths through the book."""
