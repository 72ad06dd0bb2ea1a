"""A product file becomes a catalogue, in batches that each commit on their own; and the way back."""
