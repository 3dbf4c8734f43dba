"""The components of a page, by what they show; `{% load ui %}` brings all of them."""
