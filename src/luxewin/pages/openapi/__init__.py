"""The description of the API: complete in OpenAPI 3.1, and the same in 3.0 for tools that need it."""
