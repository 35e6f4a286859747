"""What an id in an address looks like; anything else is an address that does not exist."""

UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
INTEGER = "[0-9]{1,19}"
