"""What a step runs."""
