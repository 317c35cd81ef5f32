"""The kit's own tests: harness, pages, documents."""
