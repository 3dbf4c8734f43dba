"""阅卷: answers collected from closed rooms, scored by machine, marked by assessors where a person must judge."""
