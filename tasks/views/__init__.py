"""The views of the command line and the board: one onboarding whole, and who may read the board. Reads only."""
