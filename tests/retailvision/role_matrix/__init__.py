"""Who may do what where: a table of requests, and the shop that they are sent to."""
