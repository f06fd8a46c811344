"""Runs an emitted bundle as the service would, with processes of this machine for its containers.

Commands, folders, places in S3, conditions, retries, ranges: everything is read from the emitted
files, nothing from the spec. `bundle` reads them, `expressions` fills in what only a run knows,
`container` lays out /opt/ml and /opt/app, `jobs` and `search` are the kinds of jobs, `pipeline`
walks the steps, `world` holds what outlives a run and starts what the stack's rules start.
"""
