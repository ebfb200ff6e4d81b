"""Text to fill pages with.

It is plain ASCII, so that a character is a byte and sizes can be promised exactly.
"""

from collections.abc import Iterator
from random import Random

BLOCK_BYTES = 65536

# None is shorter than three letters: with its blank each word fills at least four bytes.
LEXICON = """
accusam aliquyam amet animi arcu architecto aspernatur beatae blandit clita commodo consectetur consequat debitis
deleniti diam dictum dolor dolore doloremque duis eirmod eleifend elit enim eos erat est facilisi fames feugait
fugiat gravida gubergren harum iaculis illum impedit invidunt ipsum iusto justo kasd labore laboriosam laoreet
lectus libero lobortis lorem luptatum magna magnam maxime minim molestie mollis nam natus nemo nibh nihil nisl
nobis nonumy nulla odio officia omnis optio pellentesque perferendis placerat porta praesent quam quibusdam quis
quod rebum recusandae rerum sadipscing sanctus sapien sea sed similique sit stet suscipit takimata tation tellus
tempor tincidunt totam ullamcorper unde vel velit veniam veritatis vero voluptatem voluptua wisi zzril
"""
WORDS = tuple(LEXICON.split())


def phrase(chance: Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))


def prose(chance: Random, size: int) -> str:
    """Words of exactly `size` bytes, the last one cut."""
    return phrase(chance, size // 4 + 1)[:size]


def prose_blocks(chance: Random, size: int) -> Iterator[bytes]:
    """Exactly `size` bytes of words, block by block; one block is repeated, so a size costs no more than writing it."""
    block = prose(chance, min(size, BLOCK_BYTES)).encode()
    for start in range(0, size, BLOCK_BYTES):
        yield block[: size - start]
