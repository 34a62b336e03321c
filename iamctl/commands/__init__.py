"""The commands: each reads, thinks, shows and acts; only here do effects meet pure values."""
