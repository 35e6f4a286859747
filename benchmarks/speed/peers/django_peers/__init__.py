"""Three Django backends: plain REST framework, Django-Ninja, and REST framework written for speed."""
