"""The dashboards, one file each; `python -m k8s.boards` draws them into ../dashboards."""
