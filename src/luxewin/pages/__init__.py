"""Pages for people: where a first visitor lands, and the documentation of the API."""
