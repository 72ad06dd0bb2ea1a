"""The kit: what every module is built on; it knows nothing of the business."""
