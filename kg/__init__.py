"""Text about diplomacy in, a trustworthy graph of who did what to whom out."""
