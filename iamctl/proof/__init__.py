"""Proof of access: finds a request that one set of policies allows and another does not, or proves that there is none."""
