"""Memory that leaks on purpose: a daemon that does, and the load under which it is found."""
