"""Who uses the site."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person or a program with a log-in.

    Our own from the first migration on, since swapping the user model later means rewriting every
    foreign key to it.
    """
