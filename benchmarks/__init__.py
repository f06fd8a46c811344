"""What mlopsgen costs, measured; README.md has the figures."""
