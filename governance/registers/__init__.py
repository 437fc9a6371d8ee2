"""What a controller keeps about its own processing: the Article 30 register, the data map, yearly metrics."""
