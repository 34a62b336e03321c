"""The commands of ``iamctl fleet``: one run over many accounts."""
