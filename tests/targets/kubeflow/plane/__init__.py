"""What a cluster says of what is emitted: its real API server, its own rights, Katib's own validator."""
