"""证书与标准: certificates, levels, standards, schemes, fees, calendars, textbooks and contacts, versioned by year."""
