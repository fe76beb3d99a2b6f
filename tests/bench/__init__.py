"""Performance of the pages and of the intake, through HTTP, at two sizes: `make bench`."""
