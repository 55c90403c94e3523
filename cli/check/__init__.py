"""What ``first90 check`` looks at."""
