"""Writes what is made here: the dashboards, and the rules for the Prometheus operator."""

from k8s.boards.products import products

for path, text in products().items():
    path.write_text(text)
