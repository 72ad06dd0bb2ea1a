"""Registering and logging in; the guest's cart is merged into the account's."""
