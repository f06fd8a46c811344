"""What a cluster has around a pipeline, on 127.0.0.1: an object store on disk, and an API that runs what is made."""
