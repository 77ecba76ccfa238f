print("{0.__class__} {{ 7 * 7 }} ${7*7} %(x)s [bold red]100[/bold red]")


def relu_forward(z):
    raise ValueError("{seed} {0.__class__.__mro__} {{ 7 * 7 }} %s %(x)d [link=x]100[/link]")
