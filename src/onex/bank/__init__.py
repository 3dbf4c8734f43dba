"""题库与组卷: items with their keys, papers assembled from them, frozen before they are used."""
