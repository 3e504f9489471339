"""What people say of answers: feedback, the queues of the review, and how long all of it is kept."""
