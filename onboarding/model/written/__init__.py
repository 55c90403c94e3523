"""Parts of a playbook as they are written."""
