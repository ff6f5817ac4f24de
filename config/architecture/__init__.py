"""The picture of the code in docs/architecture.md, drawn from what imports what: `make architecture`."""
