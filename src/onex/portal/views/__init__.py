"""What answers the portal's addresses: pages for everybody, the news, and the home of a role."""
