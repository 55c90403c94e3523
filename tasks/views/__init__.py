"""What people look at, on the command line and on pages: one onboarding whole, the portfolio. Reads only."""
