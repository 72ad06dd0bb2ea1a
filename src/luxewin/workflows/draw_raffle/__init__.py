"""Drawing a raffle: sales end, payments are resolved, the list is locked, the beacon decides, the proof is signed."""
