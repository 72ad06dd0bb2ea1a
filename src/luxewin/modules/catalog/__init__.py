"""What is sold: products, variants, options, images, and the files they come from and go to."""
