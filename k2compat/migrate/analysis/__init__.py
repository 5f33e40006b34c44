"""What the rules of migration know about a module beyond its syntax."""
