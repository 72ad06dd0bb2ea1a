"""What the storefront does: it lists, shows, searches, and keeps answers and index true."""
