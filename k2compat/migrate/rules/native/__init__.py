"""The rules of level native."""
