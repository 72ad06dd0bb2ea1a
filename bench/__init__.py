"""Measurements: what a shopper's steps cost here, beside the least that they could cost, in one interleaved run."""
