"""The web edge: one gate in front of all routes, guarded routes, problem documents."""
