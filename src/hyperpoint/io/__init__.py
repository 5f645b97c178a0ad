"""Files in and out: cubes, pictures, masks, class tables, points and shapes."""
