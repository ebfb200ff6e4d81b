"""What holds throughput back: looked for under load, ranked, with the figures and what to change."""
