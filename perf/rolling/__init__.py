"""A rolling restart of a fleet under load: a balancer, the seats behind it, clients in front."""
