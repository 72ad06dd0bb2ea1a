"""Register and log in; what a guest had put into their cart comes along."""
