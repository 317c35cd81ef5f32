"""What only a real server in a process of its own can show."""
