"""Pages that may be answered again, by the rules of RFC 9111 for a shared cache; nothing is held fresh by guesswork."""
