"""What the demo shops are filled with."""
