"""What others see of a reading: facts by column, the clean table, the panel on disk."""
