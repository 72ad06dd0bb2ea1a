"""The kit: what every module stands on, without a word of the business."""
