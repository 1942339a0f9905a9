"""What acuse knows about: frozen values, and the tables of what may happen to them."""
