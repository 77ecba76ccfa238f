"""Student code in a process of its own: launched, fed, watched and killed from outside."""
