"""Gradient rules, one function per operator; each module is imported and registers its own."""
