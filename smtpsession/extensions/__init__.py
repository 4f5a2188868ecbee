"""ESMTP service extensions, one file each: pure."""
