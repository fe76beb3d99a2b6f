"""Whole stories, told through HTTP and in the browser."""
