"""What a payment, a refund and a dispute are, and which way each may go."""
