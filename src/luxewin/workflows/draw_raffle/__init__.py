"""Drawing a raffle: sales end, payments are resolved, the list is locked, the beacon draws, the proof is signed."""
