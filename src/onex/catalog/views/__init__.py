"""Pages of the catalog: a school's own list of majors."""
