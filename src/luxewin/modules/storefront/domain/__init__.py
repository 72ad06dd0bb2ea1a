"""What a shopper asks for, and how words match: pure."""
