"""The boundary to AWS: sessions, complete reads, single writes, and translated errors."""
