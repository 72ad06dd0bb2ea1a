"""Stories that cross modules, or that speak to the outside between two transactions."""
