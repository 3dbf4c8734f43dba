"""成绩: totals, pass decisions, publicity, release."""
