"""Designs to start from; each is a template as well."""
