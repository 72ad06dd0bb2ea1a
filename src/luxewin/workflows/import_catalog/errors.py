"""What is refused before a file is looked into."""

from luxewin.kit.errors import InvalidInput


class FileEmpty(InvalidInput):
    """There is nothing in the file."""

    code = "catalog.file_empty"
    title = "The file is empty; send a file with at least one product"
