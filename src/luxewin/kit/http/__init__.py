"""HTTP: the middleware in front of all routes, routes with permissions, problem documents."""
