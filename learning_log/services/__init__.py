"""What may be done with the log. A service takes an open transaction (Records); its caller owns the commit."""
