"""Documents as people wrote them (pydantic)."""
