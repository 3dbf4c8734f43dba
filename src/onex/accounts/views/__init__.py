"""What answers the addresses: the door, the applicant's pages, the province's review."""
