"""考场: the sealed room. Packages go in, answers are kept, bundles come out; it knows only `common` and `items`."""
