"""The migrations, named by number and by what they bring."""
