"""What can be measured of a catalogue's vectors and names: numpy alone, no database."""
