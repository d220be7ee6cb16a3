"""Tools of the workspace: what `make generate` and `make lock` run. Nothing here ships."""
