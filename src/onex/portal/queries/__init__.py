"""Named reads of the portal, by who looks: everybody (`public`, `news`), or somebody at their desk (`desk`)."""
