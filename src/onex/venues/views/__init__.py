"""Pages of exam sites, by noun: the application, the site it becomes."""
