"""How large a product file's parts may grow; a file beyond them is refused before it fills the memory."""

MAX_COLUMNS = 2_000
MAX_COLUMN_NAME_CHARACTERS = 1_000
MAX_CELL_CHARACTERS = 2**20
MAX_ROW_CHARACTERS = 4 * MAX_CELL_CHARACTERS
MAX_PRODUCT_CHARACTERS = 16 * MAX_CELL_CHARACTERS
MAX_PRODUCTS = 1_000_000
MAX_ERRORS = 100

MAX_HANDLE_CHARACTERS = 255
MAX_TAGS = 250
MAX_TAG_CHARACTERS = 255
MAX_OPTIONS = 3
MAX_VARIANTS = 2_048
MAX_IMAGES = 250

LARGEST_COUNT = 2**31 - 1
"""The largest quantity, weight or position: what a 32-bit column holds."""
