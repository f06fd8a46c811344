"""Vertex AI on this machine: Google's services on 127.0.0.1, and launchers of jobs out of their requests alone."""
