"""URLs of images: pages load them, so only web URLs and paths of the site itself are accepted."""

import re

LONGEST_ADDRESS = 2_000
_WEB = re.compile(r"https?://[^\s/\\?#@]+(?:[/?#][^\s\\]*)?", re.IGNORECASE)
_OF_THE_SITE = re.compile(r"/(?![/\\])[^\s\\]*")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\"<>`]")


def is_image_address(text: str) -> bool:
    """Return whether this is an http(s) URL without credentials, or a path relative to the site's root."""
    if len(text) > LONGEST_ADDRESS or _UNSEEN.search(text):
        return False
    return bool(_WEB.fullmatch(text) or _OF_THE_SITE.fullmatch(text))
