"""The server for assistants, by the Model Context Protocol: answers with their reasons, and changes after a preview."""
