"""The edge to AWS: sessions, one complete read, one write at a time, and the files that hold a read."""
