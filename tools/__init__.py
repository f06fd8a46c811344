"""What builds, measures and shows mlopsgen; each is started by a target of the Makefile."""
