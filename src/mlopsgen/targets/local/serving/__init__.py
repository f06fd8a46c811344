"""`mlopsgen serve`: a router on 127.0.0.1, and behind it a server for each version that answers.

serve      the whole command        rollouts  sees what was approved, and brings it as the spec says
router     whom a request goes to   lines     connections to a server        figures  what is measured of a version
fleet      what the runtime's rollout asks of a platform, done here          servers  child processes
standing   where the deployment stands, in `deployments/<name>.json` of the registry's folder
"""
