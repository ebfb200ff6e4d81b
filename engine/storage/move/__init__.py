"""From a file to a server: all that a store holds, row by row, in an order that can be gone on with."""

from engine.storage.move.comparison import Compared as Compared
from engine.storage.move.moving import Moved as Moved
from engine.storage.move.moving import move as move
