"""What a person sees of the commands."""
