"""考务编排: sessions at a site, seats and tickets, invigilators, papers bound, and the package for the sealed room."""
