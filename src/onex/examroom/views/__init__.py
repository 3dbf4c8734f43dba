"""The invigilator's pages: the door, the console of a room, a seat."""
