"""From points to a labelled scene: recipes, preparing, annotating."""
