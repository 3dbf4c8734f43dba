"""试点申报: provincial plans, schools' applications, their reviews, and the training places granted and used."""
