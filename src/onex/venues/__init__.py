"""考核站点: a pilot school asks to host exams, the evaluation organisation decides, the site has rooms and machines."""
