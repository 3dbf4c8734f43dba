"""How an installation is put together: environment, settings, addresses, servers. Stands above every app."""
