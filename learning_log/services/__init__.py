"""What may be done with the log. Each service takes an open transaction (Records) and leaves the commit to its caller."""
