"""Images and masks as a network takes them: random transforms, samples, and Lightning's data module."""
