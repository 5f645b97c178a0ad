"""Networks that segment rgb images (or cubes): data, models, training, evaluation, prediction and export."""
